import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { header, hexOf, SpiHost } from "./host.js";

const READY = "aa55090000000000" + "0d0a72656164790d0a" + "000000";
const OK = "\r\nOK\r\n";

test("the first event after a boot, byte for byte as it was captured; SPI_RDY falls behind the header", async () => {
  const host = new SpiHost();
  host.module.pins.set("chipEn", true);
  await host.clock.sleep(639);
  expect(host.module.ready).toBe(false);
  await host.clock.sleep(2);
  expect(host.module.ready).toBe(true);
  await host.select(true);
  expect(hexOf(await host.xfer(header(0)))).toBe(READY.slice(0, 16));
  await host.clock.sleep(0.05);
  expect(host.module.ready).toBe(false);
  expect(hexOf(await host.xfer(new Uint8Array(12)))).toBe(READY.slice(16));
  await host.select(false);
  await host.clock.sleep(100);
  expect(host.module.ready).toBe(false);
});

test("SPI_RDY stays high, and nothing sleeps, until a host takes the ready frame", async () => {
  const host = await SpiHost.up();
  await host.clock.sleep(60_000);
  expect(host.module.ready).toBe(true);
  expect(host.clock.sleeping).toBe(0);
});

test("a host that begins raises CS, waits for SPI_RDY, and is answered", async () => {
  const host = await SpiHost.ready();
  expect(hexOf((await host.say("AT\r\n")).wire)).toBe("aa55000000000000" + "00000000");
  expect((await host.take()).map(String)).toEqual([OK]);
});

test("what is clocked before SPI_RDY is high is not heard, and reads as zeros", async () => {
  const host = await SpiHost.ready();
  await host.clock.sleep(1);
  await host.select(true);
  const hasty = Buffer.concat([header(4), Buffer.from("AT\r\n")]);
  expect(hexOf(await host.xfer(hasty))).toBe("00".repeat(12));
  await host.select(false);
  expect(await host.take()).toEqual([]);
});

test("without CS nothing is heard, and MISO is low", async () => {
  const host = await SpiHost.up();
  expect(hexOf(await host.xfer(new Uint8Array(8)))).toBe("00".repeat(8));
  expect(String((await host.turn()).payload)).toBe("\r\nready\r\n");
});

test("off: zeros; in the boot ROM and in boot2: 0xFF, and SPI_RDY low", async () => {
  const host = new SpiHost();
  await host.select(true);
  const seen = async () => [hexOf(await host.xfer(new Uint8Array(4))), host.module.ready];
  expect(await seen()).toEqual(["00000000", false]);
  host.module.pins.set("chipEn", true);
  await host.clock.sleep(100);
  expect(await seen()).toEqual(["ffffffff", false]);
  host.module.pins.set("chipEn", false);
  host.module.pins.set("boot", true);
  host.module.pins.set("chipEn", true);
  await host.clock.sleep(5000);
  expect(await seen()).toEqual(["ffffffff", false]);
});

test("a reset in a transfer ends it; the next application begins with ready", async () => {
  const host = await SpiHost.up();
  await host.select(true);
  const reading = host.xfer(new Uint8Array(8000));
  await host.clock.sleep(1);
  host.module.pins.set("chipEn", false);
  expect(hexOf(await reading)).toBe("00".repeat(8000));
  expect(host.module.ready).toBe(false);
  await host.select(false);
  host.module.pins.set("chipEn", true);
  await host.clock.sleep(700);
  expect(String((await host.turn()).payload)).toBe("\r\nready\r\n");
});

test("a transfer takes its time, and has 1 to 8192 bytes", async () => {
  const host = await SpiHost.up();
  const slow = host.module.connectSpi({ speedHz: 1_000_000 });
  const startMs = host.clock.now();
  await slow.transfer(new Uint8Array(1000), host.deadline());
  expect(host.clock.now() - startMs).toBeCloseTo(8, 6);
  for (const bytes of [0, 8193])
    await expect(slow.transfer(new Uint8Array(bytes), host.deadline())).rejects.toMatchObject({ code: "SPI_FAILED" });
});

test("a host that is stalled gets the same frame again", async () => {
  const host = await SpiHost.up();
  expect(hexOf((await host.turn(header(0, 0, 4))).wire)).toBe(READY);
  expect(hexOf((await host.turn()).wire)).toBe(READY);
  expect(await host.take()).toEqual([]);
});

test.each([
  ["another magic", Buffer.from("55aa040000000000" + "41540d0a", "hex")],
  ["another type", Buffer.concat([header(4, 1), Buffer.from("AT\r\n")])],
  ["a payload that does not come", Buffer.concat([header(400), Buffer.from("AT\r\n")])],
  ["more than the module takes", Buffer.concat([header(1524), Buffer.from("AT\r\n"), new Uint8Array(1520)])],
])("%s: dropped, and the next one is answered", async (_, frame) => {
  const host = await SpiHost.ready();
  await host.turn(frame);
  expect(await host.take()).toEqual([]);
  expect(await host.ask("AT")).toBe(OK);
});

test("stallFirst: what is said meanwhile is lost, header alone or not; then it is heard", async () => {
  const host = await SpiHost.up({ ncp: { stallFirst: 3 } });
  expect((await host.turn()).isStalled).toBe(true);
  expect((await host.say("AT\r\n")).isStalled).toBe(true);
  expect((await host.turn()).isStalled).toBe(true);
  expect((await host.turn()).isStalled).toBe(false);
  expect(await host.take()).toEqual([]);
  expect(await host.ask("AT")).toBe(OK);
});

test("stallEvery: a host that says it again until it was heard goes on", async () => {
  const host = await SpiHost.ready({ ncp: { stallEvery: 2 } });
  const saidOnce = async (): Promise<void> => {
    if ((await host.say("AT\r\n")).isStalled) await saidOnce();
  };
  for (let nth = 0; nth < 5; nth++) {
    await saidOnce();
    expect(Buffer.concat(await host.take()).toString()).toBe(OK);
  }
});

test("planted: SPI_RDY that never rises, that is stuck, that pulses", async () => {
  expect(await (await SpiHost.up({ ncp: { ready: "never" } })).level(true)).toBe(false);
  const stuck = await SpiHost.up({ ncp: { ready: "stuck" } });
  await expect(stuck.turn()).rejects.toThrow("does not fall");
  stuck.module.pins.set("chipEn", false);
  expect(stuck.module.ready).toBe(false);
  const glitching = await SpiHost.up({ ncp: { ready: "glitches" } });
  const seen: boolean[] = [];
  using _ = glitching.module.watchReady((level) => seen.push(level));
  await glitching.turn();
  await glitching.clock.sleep(10);
  expect(seen).toEqual([false, true, false]);
  expect(await glitching.ask("AT")).toBe(OK);
});

test("the transport of the factory: eight bytes, and nothing is heard", async () => {
  const host = await SpiHost.up({ ncp: { transport: "factory" } });
  for (let nth = 0; nth < 2; nth++) {
    await host.select(true);
    expect(await host.level(true)).toBe(true);
    expect(hexOf(await host.xfer(Buffer.concat([header(4), Buffer.from("AT\r\n")])))).toBe(
      "01550000000001" + "0000000000",
    );
    expect(await host.level(false)).toBe(true);
    await host.select(false);
    await host.clock.sleep(20);
    expect(host.module.ready).toBe(false);
  }
});

const step = fc.oneof(
  fc.boolean().map((level) => ({ cs: level })),
  fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => ({ bytes })),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => ({ bytes: Buffer.concat([header(bytes.length), bytes]) })),
  fc
    .constantFrom(
      "AT\r\n",
      "\n\n\n",
      "AT+GMR\r\n",
      "AT+OTASTART=1\r\n",
      "AT+OTASEND=512\r\n",
      "AT+OTAFIN\r\n",
      "ATE1\r\nAT\r\n",
    )
    .map((text) => ({ bytes: Buffer.concat([header(text.length), Buffer.from(text)]) })),
  fc.double({ min: 0, max: 3, noNaN: true }).map((ms) => ({ ms })),
);

test("any bytes and any levels: the module goes on, keeps nothing, and answers who does it right", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const host = await SpiHost.up();
      for (const each of steps) {
        if ("cs" in each) await host.select(each.cs);
        else if ("ms" in each) await host.clock.sleep(each.ms);
        else expect(await host.xfer(each.bytes)).toHaveLength(each.bytes.length);
      }
      await host.select(false);
      await host.clock.sleep(100);
      host.module.pins.set("chipEn", false);
      expect(host.clock.sleeping).toBe(0);
      host.module.pins.set("chipEn", true);
      await host.clock.sleep(700);
      expect(await host.take()).toHaveLength(1);
      expect(await host.ask("AT")).toBe(OK);
    }),
    { numRuns: 40 },
  );
});

test("a host that only talks is stalled, and no answer is lost", async () => {
  const host = await SpiHost.ready({ ncp: { answerMs: 0 } });
  const frame = Buffer.concat([header(8), Buffer.from("AT+GMR\r\n")]);
  let [stalls, oks] = [0, 0];
  for (let nth = 0; nth < 200; nth++) {
    const { isStalled, payload } = await host.turn(frame);
    if (isStalled) stalls++;
    if (String(payload) === OK) oks++;
  }
  expect(stalls).toBeGreaterThan(100);
  expect(oks).toBeGreaterThan(10);
  expect((await host.take()).length).toBeLessThan(30);
});
