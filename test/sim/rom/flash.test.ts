import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { xzCompress } from "../../../harness/native/xz.js";
import { frame, Host, hexOf, words } from "../host.js";

const OK = "4f4b";
const FIRST = 0x8000_0000;
function noise(bytes: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}
const blank = (options: object = {}) => Host.inSession({ contents: "blank", ...options });

const write = (address: number, data: Uint8Array) => frame(0x31, Buffer.concat([words(address), data]));
const erase = (first: number, last: number) => frame(0x30, words(first, last));
const stream = (address: number, data: Uint8Array) => frame(0x3f, Buffer.concat([words(address), data]));

test("write, page by page at 0.7 ms; programming over data ANDs; both say OK", async () => {
  const host = await blank();
  const data = noise(600);
  await host.send(write(0x10_0ff0, data));
  const sentMs = host.clock.now();
  expect(hexOf(await host.wire.read(host.deadline()))).toBe(OK);
  expect(host.clock.now() - sentMs).toBeCloseTo(0.1 + 4 * 0.7 + 2 * 0.02, 6);
  expect(host.module.flash.subarray(0x10_0ff0, 0x10_0ff0 + 600)).toEqual(data);
  expect(await host.ask(write(0x10_0ff0, Uint8Array.of(0x0f)))).toBe(OK);
  expect(host.module.flash[0x10_0ff0]).toBe((data[0] ?? 0) & 0x0f);
});

test("half-way through a write the pages before are programmed, and those behind are not", async () => {
  const host = await blank();
  await host.send(write(0x10_0000, new Uint8Array(3 * 256)));
  await host.clock.sleep(0.1 + 1.5 * 0.7);
  const firstOf = (page: number) => host.module.flash[0x10_0000 + 256 * page];
  expect([0, 1, 2].map(firstOf)).toEqual([0, 0xff, 0xff]);
  expect(hexOf(await host.wire.read(host.deadline()))).toBe(OK);
  expect([0, 1, 2].map(firstOf)).toEqual([0, 0, 0]);
});

test("erase takes every sector that the range touches, its end included, 8 ms each", async () => {
  const host = await blank();
  host.module.flash.fill(0);
  await host.send(erase(0x1fff, 0x3000));
  const sentMs = host.clock.now();
  expect(hexOf(await host.wire.read(host.deadline()))).toBe(OK);
  expect(host.clock.now() - sentMs).toBeCloseTo(0.1 + 3 * 8 + 2 * 0.02, 6);
  const blanks = [0x0fff, 0x1000, 0x3fff, 0x4000].map((at) => host.module.flash[at]);
  expect(blanks).toEqual([0, 0xff, 0xff, 0]);
  expect(await host.ask(erase(0x5000, 0x4000))).toBe(OK);
  expect(host.module.flash[0x4000]).toBe(0);
  expect(await host.ask(erase(0x40_4000, 0x40_4000))).toBe(OK);
  expect(host.module.flash[0x4000]).toBe(0xff);
});

test("chip erase: 6.3 ms, everything", async () => {
  const host = await Host.inSession();
  await host.send("3c000000");
  const sentMs = host.clock.now();
  await host.wire.read(host.deadline());
  expect(host.clock.now() - sentMs).toBeCloseTo(0.1 + 6.3 + 2 * 0.02, 6);
  expect(host.module.flash.every((byte) => byte === 0xff)).toBe(true);
});

test("with the knob a PD comes before each block", async () => {
  const host = await blank({ quirks: { pendingPerErase: 1 } });
  expect(await host.ask(erase(0, 0xc89f), 500)).toBe("5044".repeat(6) + OK);
  expect(await host.ask(erase(1, 0))).toBe(OK);
});

test("reads are cut at 4604 bytes without a word, and go round", async () => {
  const host = await blank();
  host.module.flash[0] = 0x42;
  const heard = await host.ask(frame(0x32, words(0x3f_ffff, 5000)), 500);
  expect(heard.slice(0, 12)).toBe("4f4bfc11ff42");
  expect(heard).toHaveLength(2 * (4 + 4604));
  expect(await host.ask(frame(0x32, words(0, 0)))).toBe("4f4b0000");
});

test("an xz stream is programmed at its first address, whatever the later ones say", async () => {
  const host = await blank();
  const image = noise(5000);
  const packed = xzCompress(image);
  for (let at = 0; at < packed.length; at += 2048)
    expect(await host.ask(stream(at === 0 ? FIRST + 0x2_0000 : 0x1234, packed.subarray(at, at + 2048)))).toBe(OK);
  expect(await host.ask("3a000000")).toBe(OK);
  expect(host.module.flash.subarray(0x2_0000, 0x2_0000 + 5000)).toEqual(image);
  expect(host.module.flash[0x1234]).toBe(0xff);
  expect(host.module.flash[0x2_0000 + 5000]).toBe(0xff);
});

test("a bad stream, or none: FL 000C, which the write check does not keep; a first chunk starts anew", async () => {
  const host = await blank();
  const packed = xzCompress(noise(3000));
  expect(await host.ask(stream(0, packed.subarray(0, 100)))).toBe("464c0c00");
  expect(await host.ask(stream(FIRST, packed.subarray(0, 1000)))).toBe(OK);
  const damaged = packed.with(1500, (packed[1500] ?? 0) ^ 1);
  expect(await host.ask(stream(1000, damaged.subarray(1000)))).toBe("464c0c00");
  expect(await host.ask("3a000000")).toBe(OK);
  expect(await host.ask(stream(FIRST, packed))).toBe(OK);
  expect(host.module.flash.subarray(0, 3000)).toEqual(noise(3000));
});

test("a chunk behind the end of a stream is a bad one", async () => {
  const host = await blank();
  expect(await host.ask(stream(FIRST, xzCompress(noise(3000))))).toBe(OK);
  expect(await host.ask(stream(0, Uint8Array.of(0)))).toBe("464c0c00");
});

test("a stream that is cut short leaves the whole 4 KiB pieces that it filled", async () => {
  const host = await blank();
  const packed = xzCompress(noise(20_000).map((byte) => byte & 0x0f));
  for (let at = 0; at < packed.length - 2048; at += 2048)
    await host.ask(stream(at === 0 ? FIRST : at, packed.subarray(at, at + 2048)));
  const end = host.module.flash.findLastIndex((byte) => byte !== 0xff) + 1;
  expect(end).toBeGreaterThan(0);
  expect(end % 4096).toBe(0);
});

test("the hash is that of the cells, wants the mapping, and takes its time", async () => {
  const host = await blank();
  const digest = createHash("sha256").update(new Uint8Array(120_000).fill(0xff)).digest("hex");
  await host.expect("60000000", OK);
  await host.send(frame(0x3e, words(0x3f_0000, 120_000)));
  const sentMs = host.clock.now();
  expect(hexOf(await host.wire.read(host.deadline()))).toBe(`4f4b2000${digest}`);
  expect(host.clock.now() - sentMs).toBeCloseTo(0.1 + 100 + 36 * 0.02, 6);
  await host.expect("61000000", OK);
  expect(await host.ask(frame(0x3e, words(0, 16)))).toBe("464c0400");
});

test("jitter needs a random function, and moves flash times by up to its part", async () => {
  const timeOf = async (random?: () => number) => {
    const host = await Host.inSession({ contents: "blank", flash: { jitter: 0.5 } }, random);
    await host.send(erase(0, 0));
    const sentMs = host.clock.now();
    await host.wire.read(host.deadline());
    return host.clock.now() - sentMs - 0.14;
  };
  expect(await timeOf()).toBeCloseTo(8, 6);
  expect(await timeOf(() => 0)).toBeCloseTo(4, 6);
  expect(await timeOf(() => 1)).toBeCloseTo(12, 6);
});

test("a flash that fails: the write error sticks until an erase of the right length, or a handshake", async () => {
  const host = await blank({ quirks: { flashFails: true } });
  expect(await host.ask(write(0, Uint8Array.of(1)))).toBe("464c0600");
  expect(await host.ask(erase(0, 0))).toBe("464c0300");
  expect(await host.ask("3a000000")).toBe(OK);
  expect(await host.ask(stream(FIRST, xzCompress(noise(10))))).toBe("464c0b00");
  await host.sync();

  const other = await blank({ quirks: { flashFails: true } });
  expect(await other.ask(write(0, Uint8Array.of(1)))).toBe("464c0600");
  expect(await other.ask("3a000000")).toBe("464c0600");
  await other.clock.sleep(4100);
  await other.sync();
  expect(await other.ask("3a000000")).toBe(OK);
  expect(await other.ask("3c000000")).toBe("464c0300");
});

test("with the knob OK comes before programming, and a failure is a second answer", async () => {
  const host = await blank({ quirks: { ackBeforeProgramming: true } });
  await host.send(write(0, noise(256)));
  const sentMs = host.clock.now();
  await host.wire.read(host.deadline());
  expect(host.clock.now() - sentMs).toBeCloseTo(0.1 + 0.04, 6);
  expect(await host.ask("3a000000")).toBe(OK);
  expect(host.module.flash.subarray(0, 256)).toEqual(noise(256));
  const broken = await blank({ quirks: { ackBeforeProgramming: true, flashFails: true } });
  expect(await broken.ask(write(0, Uint8Array.of(1)))).toBe("4f4b464c0600");
});

test("CHIP_EN stops an erase: the sectors before it are done, those behind are not", async () => {
  const host = await blank();
  host.module.flash.fill(0);
  await host.send(erase(0, 0x2_ffff));
  await host.clock.sleep(0.1 + 2.5 * 16 * 8);
  await host.set("chipEn", false);
  await host.clock.sleep(1000);
  expect([0x2_0000, 0x2_7fff, 0x2_9000].map((at) => host.module.flash[at])).toEqual([0xff, 0xff, 0]);
});
