import { expect, test } from "@jest/globals";
import { Host, SYNC_BYTE } from "../host.js";
import { firmware, programmed, whole } from "./images.js";

const READY = "Boot2 ISP Ready";
const RESET = "21000000";
const CLEAR = "5000080008f1002000000000";
const syncs = (bytes: number) => new Uint8Array(bytes).fill(SYNC_BYTE);
const asText = (heard: string) => Buffer.from(heard, "hex").toString("latin1");

/** Reset with BOOT low, at 2 MBd, `ms` after the edge. */
async function booting(ms: number, options: object = {}): Promise<Host> {
  const host = await Host.inRom(options);
  await host.strap(false);
  await host.wire.setBaud(2_000_000, host.deadline());
  await host.clock.sleep(ms);
  return host;
}

test("32 bytes of 0x55 wait when boot2 looks: it says so and resets into the ROM, where any rate is measured", async () => {
  const host = await booting(100);
  await host.send(syncs(32));
  const heard = await host.wire.read(host.deadline(1000));
  expect(Buffer.from(heard).toString("latin1")).toBe(READY);
  await host.wire.setBaud(500_000, host.deadline());
  await host.clock.sleep(2);
  expect(await host.sync()).toBe("4f4b");
});

test("a burst that ends before the 2 ms are over is no handshake", async () => {
  const host = await booting(100);
  await host.send(syncs(32));
  await host.wire.read(host.deadline(1000));
  expect(await host.ask(syncs(200))).toBe("");
  expect(await host.ask(syncs(1200))).toBe("4f4b");
});

test.each<[string, number, Uint8Array, boolean]>([
  ["31 bytes", 100, syncs(31), false],
  ["32 bytes, half of them 0x55", 100, Buffer.concat([new Uint8Array(16), syncs(16)]), true],
  ["32 bytes, 15 of them 0x55", 100, Buffer.concat([new Uint8Array(17), syncs(15)]), false],
  ["0x55 behind 32 other bytes: the FIFO is full", 100, Buffer.concat([new Uint8Array(32), syncs(100)]), false],
  ["before boot2 has its UART", 20, syncs(1200), false],
  ["after it has looked", 160, syncs(1200), false],
  ["all the time", 0, syncs(60_000), true],
])("%s", async (_, ms, bytes, ready) => {
  const host = await booting(ms);
  await host.send(bytes);
  expect(asText(await host.listen(700)).includes(READY)).toBe(ready);
});

test("0x55 at another rate is none", async () => {
  const host = await booting(100);
  await host.wire.setBaud(500_000, host.deadline());
  await host.send(syncs(600));
  expect(await host.text(900)).toContain("component_version");
});

test("with the knob boot2 does not look", async () => {
  const host = await booting(100, { quirks: { boot2Isp: false } });
  await host.send(syncs(64));
  expect(asText(await host.listen(700))).not.toContain(READY);
});

test("a boot2 that fails looks every 500 ms, between its logs", async () => {
  const host = await programmed(whole(new Uint8Array(16).fill(0xff)));
  await host.strap(false);
  expect(await host.text(800)).toContain("Dump log");
  await host.send(syncs(100));
  expect(asText(await host.listen(600))).toMatch(/^Boot2 ISP Ready$/);
  expect(await host.ask(syncs(1200))).toBe("4f4b");
});

test("the word that boot2 left keeps every reset in the ROM, until it is cleared or CHIP_EN falls", async () => {
  const inRom = async () => {
    const host = await booting(100);
    await host.ask(syncs(32), 100);
    expect(await host.ask(syncs(1200))).toBe("4f4b");
    return host;
  };
  const host = await inRom();
  await host.expect(RESET, "4f4b");
  expect(await host.ask(syncs(1200))).toBe("4f4b");
  await host.expect("5100080008f1002004000000", "4f4b040001000000");
  await host.expect(CLEAR, "4f4b");
  await host.expect(RESET, "4f4b", 10);
  expect(await host.text(700)).toContain("component_version");

  const other = await inRom();
  await other.strap(false);
  expect(await other.text(700)).toContain("component_version");
});

const PHRASE = "\r\nispboot if\r\nreboot\r\n";

test("with the knob a running application leaves for the ROM on two lines", async () => {
  const host = await programmed(whole(firmware()), { quirks: { applicationIsp: true } });
  await host.strap(false);
  await host.text(700);
  expect(await host.ask(Buffer.from("\r\nhelp\r\n\r\nispboot\r\n"))).toBe("");
  expect(asText(await host.ask(Buffer.from(PHRASE)))).toBe(READY);
  expect(await host.ask(syncs(1200))).toBe("4f4b");
});

test.each<[string, "t01" | "mfg", object]>([
  ["without the knob", "t01", {}],
  ["the manufacturing test", "mfg", { quirks: { applicationIsp: true } }],
])("%s: it does not hear them", async (_, profile, options) => {
  const host = await programmed(whole(firmware(profile)), options);
  await host.strap(false);
  await host.text(700);
  expect(await host.ask(Buffer.from(PHRASE))).toBe("");
  expect(await host.ask(syncs(1200))).toBe("");
});

test("one byte after the other, with a line end too many", async () => {
  const host = await programmed(whole(firmware()), { quirks: { applicationIsp: true } });
  await host.strap(false);
  await host.text(700);
  for (const byte of Buffer.from(`\r\n${PHRASE}`)) await host.send(Uint8Array.of(byte));
  expect(asText(await host.listen())).toBe(READY);
});
