import { expect, test } from "@jest/globals";
import { firmware, programmed, whole } from "../boot/images.js";
import { frame, type Host, hexOf, words } from "../host.js";
import { struck, these } from "./struck.js";

const OK = "4f4b";
const JEDEC = "36000000";
const JEDEC_ANSWER = "4f4b0400c4601600";
const write = (address: number, data: Uint8Array) => frame(0x31, Buffer.concat([words(address), data]));
const erase = (first: number, last: number) => frame(0x30, words(first, last));
const zeros = (bytes: number) => new Uint8Array(bytes);

const isBlank = ({ module }: Host, first: number, end: number) =>
  module.flash.subarray(first, end).every((byte) => byte === 0xff);

test("drop at a command: it is carried out, and its answer is lost", async () => {
  const host = await struck([{ at: { command: "flashWrite", nth: 2 }, do: "drop" }]);
  expect(await host.ask(write(0, zeros(4)))).toBe(OK);
  expect(await host.ask(write(0x100, zeros(4)))).toBe("");
  expect(await host.ask(write(0x200, zeros(4)))).toBe(OK);
  expect([0x000, 0x100, 0x200].map((at) => host.module.flash[at])).toEqual([0, 0, 0]);
});

test("count: so many of that command in a row; others in between do not count", async () => {
  const host = await struck([{ at: { command: "flashReadJedec", nth: 2 }, do: "drop", count: 2 }]);
  const heard = [];
  for (let turn = 0; turn < 4; turn++) {
    heard.push(await host.ask(JEDEC));
    await host.expect("3a000000", OK);
  }
  expect(heard).toEqual([JEDEC_ANSWER, "", "", JEDEC_ANSWER]);
});

test("a packet with a wrong checksum is no command yet", async () => {
  const host = await struck([{ at: { command: "flashReadJedec", nth: 1 }, do: "drop" }]);
  await host.expect("36010000", "464c0301");
  await host.expect(JEDEC, "");
  await host.expect(JEDEC, JEDEC_ANSWER);
});

test("flip at a command: one bit of its first answer, its data too", async () => {
  const fault = { at: { command: "flashReadJedec", nth: 1 }, do: "flip", count: 2 };
  const host = await struck([fault], these(0, 0.999));
  await host.expect(JEDEC, "4e4b0400c4601600");
  await host.expect(JEDEC, "4f4b0400c4601680");
  await host.expect(JEDEC, JEDEC_ANSWER);
});

test("insert and delay at a command: noise before its answer, and the answer late", async () => {
  const host = await struck([
    { at: { command: "flashReadJedec", nth: 1 }, do: "insert" },
    { at: { command: "flashReadJedec", nth: 2 }, do: "delay", forMs: 3000 },
  ]);
  await host.expect(JEDEC, `80${JEDEC_ANSWER}`);
  await host.send(JEDEC);
  const sentMs = host.clock.now();
  expect(hexOf(await host.wire.read(host.deadline()))).toBe(JEDEC_ANSWER);
  expect(host.clock.now() - sentMs).toBeCloseTo(3000 + 0.3 + 8 * 0.02, 6);
});

test("refuse at a command: its status, nothing is done, and it counts as any refusal", async () => {
  const host = await struck([{ at: { command: "flashWrite", nth: 1 }, do: { refuse: 0x0006 }, count: 3 }]);
  for (let turn = 0; turn < 3; turn++) expect(await host.ask(write(0, zeros(4)))).toBe("464c0600");
  expect(host.module.flash[0]).toBe(0xff);
  await host.expect(JEDEC, "");
  expect(await host.sync()).toBe(OK);
});

test("silent at a command: no answer, to nothing any more, until a reset", async () => {
  const host = await struck([{ at: { command: "flashWrite", nth: 1 }, do: "silent" }]);
  expect(await host.ask(write(0, zeros(4)))).toBe("");
  await host.expect(JEDEC, "");
  expect(host.module.flash[0]).toBe(0);
  await host.strap(true);
  expect(await host.sync()).toBe(OK);
});

test.each([
  ["reset", 0],
  ["cutPower", 500],
])(
  "%s at a command: it is taken and never carried out; the ROM comes back while BOOT is high",
  async (action, awayMs) => {
    const host = await struck([{ at: { command: "flashWrite", nth: 1 }, do: action }]);
    expect(await host.ask(write(0, zeros(4)), awayMs / 2)).toBe("");
    expect(host.module.flash[0]).toBe(0xff);
    expect(await host.sync()).toBe(awayMs === 0 ? OK : "");
    await host.clock.sleep(awayMs);
    if (awayMs > 0) expect(await host.sync()).toBe(OK);
    await host.expect(JEDEC, "464c0100");
  },
);

test("reset with BOOT released: the firmware on the flash starts", async () => {
  const host = await programmed(whole(firmware()), { faults: [{ at: { ms: 5000 }, do: "reset" }] });
  await host.strap(false);
  await host.clock.sleep(5000 - host.clock.now() - 1);
  await host.text(0);
  expect(await host.text(1000)).toMatch(/component_version_sdk_/);
});

test("a stage: the time of one command's work in the flash, whatever its pieces", async () => {
  const cut = async (stage: string, fraction: number, nth: number) => {
    const host = await struck([{ at: { stage, fraction, nth }, do: { refuse: 0x0006 } }]);
    host.module.flash.fill(0, 0x1_0000, 0x3_0000);
    const begin = await host.ask(erase(0x1_0000, 0x2_ffff), 2000);
    const page = await host.ask(write(0, zeros(1024)));
    return [begin, page, host] as const;
  };
  const [half, , host] = await cut("erase", 0.75, 1);
  expect(half).toBe("464c0600");
  expect([isBlank(host, 0x1_0000, 0x2_0000), host.module.flash[0x2_0000]]).toEqual([true, 0]);
  const [whole_, pages, other] = await cut("program", 0.6, 1);
  expect([whole_, pages]).toEqual([OK, "464c0600"]);
  expect([other.module.flash[511], other.module.flash[512]]).toEqual([0, 0xff]);
  await other.expect("3a000000", "464c0600");
});

test("drop at a stage: the flash does no more of it, and the ROM says OK", async () => {
  const host = await struck([
    { at: { stage: "program", fraction: 0 }, do: "drop" },
    { at: { stage: "erase", fraction: 0.5 }, do: "drop" },
  ]);
  expect(await host.ask(write(0, zeros(1024)))).toBe(OK);
  expect(isBlank(host, 0, 1024)).toBe(true);
  expect(await host.ask(write(0, zeros(1024)))).toBe(OK);
  host.module.flash.fill(0);
  expect(await host.ask(erase(0, 0x1fff))).toBe(OK);
  expect([isBlank(host, 0, 0x1000), isBlank(host, 0x1000, 0x1001)]).toEqual([true, false]);
});

test("delay at a stage: it takes longer; at a hash too", async () => {
  const host = await struck([
    { at: { stage: "erase", fraction: 1 }, do: "delay", forMs: 5000 },
    { at: { stage: "hash", fraction: 0.2 }, do: "delay", forMs: 70 },
  ]);
  const timed = async (bytes: Uint8Array) => {
    await host.send(bytes);
    const sentMs = host.clock.now();
    await host.wire.read(host.deadline());
    return host.clock.now() - sentMs;
  };
  expect(await timed(erase(0, 0))).toBeCloseTo(0.1 + 8 + 5000 + 0.04, 6);
  expect(await timed(frame(0x3d, words(0, 12_000)))).toBeCloseTo(0.1 + 10 + 70 + 36 * 0.02, 6);
});

test("a reset of the die in mid-page: the flash ends what it has begun, and nothing more", async () => {
  const host = await struck([{ at: { stage: "program", fraction: 0.6 }, do: "reset" }]);
  await host.send(write(0, zeros(1024)));
  await host.clock.sleep(50);
  expect([isBlank(host, 0, 1), host.module.flash[767], isBlank(host, 768, 1024)]).toEqual([false, 0, true]);
});

test("a time: on the module's clock, once, and only while the module is on", async () => {
  const host = await struck([
    { at: { ms: 1000 }, do: "silent" },
    { at: { ms: 3000 }, do: "reset" },
  ]);
  await host.expect(JEDEC, JEDEC_ANSWER);
  await host.clock.sleep(1000 - host.clock.now());
  await host.expect(JEDEC, "");
  await host.strap(true);
  expect(await host.sync()).toBe(OK);
  await host.set("chipEn", false);
  await host.clock.sleep(5000);
  await host.strap(true);
  expect(await host.sync()).toBe(OK);
  await host.expect(JEDEC, "464c0100");
});

test("probability: by the random function, each time anew", async () => {
  const fault = { at: { command: "flashReadJedec" }, do: "drop", count: 4, probability: 0.5 };
  const host = await struck([fault], these(0.6, 0.4, 0.4, 0.6));
  const heard = [];
  for (let turn = 0; turn < 4; turn++) heard.push(await host.ask(JEDEC));
  expect(heard.map((answer) => answer === "")).toEqual([false, true, true, false]);
});

test("a power cut ends early when the host takes the power away, and nobody stays behind", async () => {
  const host = await struck([{ at: { command: "flashReadJedec" }, do: "cutPower", forMs: 600_000 }]);
  await host.expect(JEDEC, "");
  await host.set("power", false);
  await host.clock.sleep(1);
  expect(host.clock.sleeping).toBe(0);
  await host.set("power", true);
  expect(await host.sync()).toBe(OK);
});
