import { expect, test } from "@jest/globals";
import { Host } from "../host.js";

const BOOT_INFO = "10000000";
const CLOCK_SET_2M = "222b08000100000080841e00";
const SET_PARA = "3b4f040008410101";

/** Asks a session on a blank flash for 16 bytes: an answer of 20 bytes begins 0.1 ms after it. */
async function readBlank(host: Host): Promise<void> {
  await host.send("321808000000000010000000");
  await host.clock.sleep(0.1);
}

async function at2M(options: unknown = {}): Promise<Host> {
  const host = await Host.inRom(options);
  await host.sync();
  await host.expect(CLOCK_SET_2M, "4f4b");
  return host;
}

test("a byte takes ten bits, both ways, and nothing drifts", async () => {
  const host = await Host.inSession();
  const startMs = host.clock.now();
  for (let index = 0; index < 1000; index++) await host.send("36");
  expect(host.clock.now() - startMs).toBeCloseTo(20, 9);

  const other = await Host.inSession();
  const askedMs = other.clock.now();
  await other.send("321808000000000010000000");
  await other.wire.read(other.deadline());
  expect(other.clock.now() - askedMs).toBeCloseTo((12 + 20) * 0.02 + 0.1, 6);
});

test("clock-set: OK at the old rate, then at once the new one, both ways", async () => {
  const host = await at2M();
  await host.wire.setBaud(2_000_000, host.deadline());
  const startMs = host.clock.now();
  await host.send(SET_PARA);
  expect(await host.wire.read(host.deadline())).toEqual(Uint8Array.of(0x4f, 0x4b));
  expect(host.clock.now() - startMs).toBeCloseTo(9 + 10 * 0.005, 6);
});

test("a host that stays at the old rate is not understood", async () => {
  const host = await at2M();
  await host.expect(SET_PARA, "");
});

test("what the module says at another rate is garbage, not silence, and always the same", async () => {
  const heard: string[] = [];
  for (let turn = 0; turn < 2; turn++) {
    const host = await Host.inSession();
    await host.send(BOOT_INFO);
    await host.wire.setBaud(115_200, host.deadline());
    heard.push(await host.listen());
  }
  expect(heard[0]).not.toBe("");
  expect(heard[0]).not.toContain("4f4b1c00");
  expect(heard[1]).toBe(heard[0]);
});

test("garbage that the module hears fills its buffer: the session has to run out", async () => {
  const host = await at2M();
  await host.ask("ff".repeat(64));
  await host.wire.setBaud(2_000_000, host.deadline());
  await host.expect(BOOT_INFO, "");
});

test("above the adapter's limit nothing gets through, either way", async () => {
  const host = await at2M({ link: { maxBaud: 1_000_000 } });
  await host.wire.setBaud(2_000_000, host.deadline());
  await host.expect(SET_PARA, "");
  await host.wire.setBaud(500_000, host.deadline());
  await host.clock.sleep(4200);
  expect(await host.sync()).toBe("4f4b");

  const other = await Host.inRom({ link: { maxBaud: 400_000 } });
  const startMs = other.clock.now();
  await other.send("55".repeat(300));
  expect(other.clock.now() - startMs).toBeCloseTo(6, 6);
  expect(await other.listen()).toBe("");
});

test("the adapter's limit itself still works", async () => {
  const host = await at2M({ link: { maxBaud: 2_000_000 } });
  await host.wire.setBaud(2_000_000, host.deadline());
  await host.expect(SET_PARA, "4f4b");
});

test.each<[string, unknown, boolean]>([
  ["a sound line", {}, true],
  ["TX and RX open", { wiring: { txRx: "open" } }, false],
  ["TX and RX swapped", { wiring: { txRx: "swapped" } }, false],
  ["an adapter below 2 MBd", { link: { maxBaud: 1_999_999 } }, false],
  ["CHIP_EN open", { wiring: { chipEn: "open" } }, false],
])("%s: whether the firmware's banner at 2 MBd is heard, at any of the host's rates", async (_, options, heard) => {
  for (const baud of [2_000_000, 115_200]) {
    const host = new Host(options);
    await host.strap(false);
    await host.wire.setBaud(baud, host.deadline());
    await host.clock.sleep(1000);
    expect((await host.listen()) !== "").toBe(heard);
  }
});

test.each(["open", "swapped"])("TX and RX %s: a burst takes its time, and no byte comes back", async (txRx) => {
  const host = await Host.inRom({ wiring: { txRx } });
  const startMs = host.clock.now();
  await host.send("55".repeat(300));
  expect(host.clock.now() - startMs).toBeCloseTo(6, 6);
  expect(await host.listen()).toBe("");
  await host.expect(BOOT_INFO, "");
});

test.each([
  ["bridged", ""],
  ["echo", "4f4b"],
])("TX and RX %s: the host hears itself at any rate, then %j", async (txRx, answer) => {
  const host = await Host.inRom({ wiring: { txRx } });
  expect(await host.sync()).toBe("55".repeat(300) + answer);
  await host.expect(SET_PARA, SET_PARA + answer);
  await host.wire.setBaud(115_200, host.deadline());
  expect((await host.ask("0102")).slice(0, 4)).toBe("0102");
});

test("BOOT open: the ROM is asked for and the firmware answers, on the line", async () => {
  const host = await Host.inRom({ wiring: { boot: "open" } });
  expect(await host.text(700)).toContain("component_version_sdk");
});

test.each([true, false])("CHIP_EN open: neither ROM nor firmware, BOOT %s, nor after power", async (boot) => {
  const host = new Host({ wiring: { chipEn: "open" } });
  await host.strap(boot);
  expect(await host.sync()).toBe("");
  await host.set("power", false);
  await host.set("power", true);
  expect(await host.sync()).toBe("");
  expect(await host.text(1000)).toBe("");
});

test("a rate change drops what has arrived; what is under way still comes", async () => {
  const host = await Host.inSession({ contents: "blank" });
  await readBlank(host);
  await host.clock.sleep(10 * 0.02);
  await host.wire.setBaud(500_000, host.deadline());
  expect(await host.listen()).toBe("ff".repeat(10));
});

test("CHIP_EN low: a byte half sent is gone, the rest never comes, and nothing is heard", async () => {
  const host = await Host.inSession({ contents: "blank" });
  await readBlank(host);
  await host.clock.sleep(5.5 * 0.02);
  await host.set("chipEn", false);
  expect(await host.listen()).toBe("4f4b1000ff");
  expect(await host.sync()).toBe("");
});

test("a write that is out of time has sent what has left by then", async () => {
  const host = await Host.inRom();
  const burst = host.wire.write(new Uint8Array(300).fill(0x55), host.deadline(2));
  await expect(burst).rejects.toMatchObject({ code: "COMMAND_TIMEOUT" });
  expect(await host.listen()).toBe("4f4b");
  const early = host.wire.write(Buffer.from(BOOT_INFO, "hex"), host.deadline(0.05));
  await expect(early).rejects.toMatchObject({ code: "COMMAND_TIMEOUT" });
  expect(await host.ask("0000")).toContain("4f4b1c00");
});

test("a new host takes the line over; the old one is unplugged and disturbs nobody", async () => {
  const host = await Host.inSession();
  const { wire } = host.module.connect();
  await host.expect(BOOT_INFO, "");
  await wire.write(Buffer.from(BOOT_INFO, "hex"), host.deadline());
  await host.wire[Symbol.asyncDispose]();
  expect((await wire.read(host.deadline())).length).toBe(32);
});

test.each([0, -1, Number.NaN, 1e300])("a rate of %d is refused", async (baud) => {
  await expect(new Host().wire.setBaud(baud, new Host().deadline())).rejects.toMatchObject({ code: "RIG_INVALID" });
});
