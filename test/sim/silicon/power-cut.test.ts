import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Nor } from "../../../harness/sim/silicon/nor.js";
import { scratch } from "../../support/scratch.js";
import { frame, Host, words } from "../host.js";

const SECTOR = 4096;
const write = (address: number, data: Uint8Array) => frame(0x31, Buffer.concat([words(address), data]));
const erase = (first: number, last: number) => frame(0x30, words(first, last));

/** A flash whose cells all hold `byte`. */
const full = (byte: number, sectors = 16) => new Nor(new Uint8Array(sectors * SECTOR).fill(byte));
const ones = (byte: number) => byte.toString(2).replaceAll("0", "").length;
const setBits = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum + ones(byte), 0);

test("a page that is cut: a prefix, some bits of one byte, and nothing behind it", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (part, seed) => {
        const nor = full(0xff);
        nor.begin({ kind: "program", page: { address: 256, bytes: new Uint8Array(256) } }, 10, 0.7);
        nor.cut(10 + part * 0.7, () => seed);
        const page = nor.read(256, 256);
        const clean = page.findIndex((byte) => byte !== 0);
        const prefix = clean < 0 ? 256 : clean;
        expect(prefix).toBeGreaterThanOrEqual(Math.floor(part * 256 - 1e-9));
        expect(prefix).toBeLessThanOrEqual(Math.floor(part * 256 + 1e-9) + 1);
        expect(page.subarray(prefix + 1).every((byte) => byte === 0xff)).toBe(true);
        expect(nor.bytes.subarray(0, 256).every((byte) => byte === 0xff)).toBe(true);
      },
    ),
  );
});

test("a block that is cut: sectors are done in order, one is partly, bit by bit; equal seeds, equal bits", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (part, seed) => {
        const cut = () => {
          const nor = full(0);
          nor.begin({ kind: "erase", address: 0, length: 16 * SECTOR }, 0, 128);
          nor.cut(part * 128, () => seed);
          return nor;
        };
        const nor = cut();
        const whole = Math.floor(part * 16);
        const got = part * 16 - whole;
        expect(nor.bytes.subarray(0, whole * SECTOR).every((byte) => byte === 0xff)).toBe(true);
        const half = nor.bytes.subarray(whole * SECTOR, (whole + 1) * SECTOR);
        expect(Math.abs(setBits(half) / (8 * SECTOR) - got)).toBeLessThan(0.05);
        expect(nor.bytes.subarray((whole + 1) * SECTOR).every((byte) => byte === 0)).toBe(true);
        expect(Buffer.from(nor.bytes).equals(cut().bytes)).toBe(true);
      },
    ),
    { numRuns: 30 },
  );
});

test("another seed, other bits", () => {
  const cut = (seed: number) => {
    const nor = full(0, 1);
    nor.begin({ kind: "erase", address: 0, length: SECTOR }, 0, 8);
    nor.cut(4, () => seed);
    return Buffer.from(nor.bytes);
  };
  expect(cut(0.25).equals(cut(0.75))).toBe(false);
});

test("what is done when power goes is done, what was not begun is not", () => {
  const nor = full(0);
  nor.begin({ kind: "erase", address: 0, length: SECTOR }, 0, 8);
  nor.finish();
  nor.cut(4, () => 0.5);
  expect(nor.bytes.subarray(0, SECTOR).every((byte) => byte === 0xff)).toBe(true);
  expect(nor.bytes.subarray(SECTOR).every((byte) => byte === 0)).toBe(true);
  expect(nor.changes).toBe(1);
  nor.begin({ kind: "erase", address: SECTOR, length: SECTOR }, 0, 8);
  nor.cut(0, () => 0.5);
  expect(nor.bytes[SECTOR]).toBe(0);
});

test.each(["power", "chipEn"] as const)("%s gone in the middle of a chip erase: half of it is done", async (line) => {
  const host = await Host.inSession({ flash: { chipEraseMs: 1024 } });
  host.module.flash.fill(0);
  await host.send("3c000000");
  await host.clock.sleep(0.1 + 512.5);
  await host.set(line, false);
  const { flash } = host.module;
  expect(flash.subarray(0, 512 * SECTOR).every((byte) => byte === 0xff)).toBe(true);
  expect(setBits(flash.subarray(512 * SECTOR, 513 * SECTOR)) / (8 * SECTOR)).toBeCloseTo(0.5, 1);
  expect(flash.subarray(513 * SECTOR).every((byte) => byte === 0)).toBe(true);
});

test("power gone in the middle of a write: whole pages, then a part of one", async () => {
  const host = await Host.inSession({ contents: "blank" });
  await host.send(write(0, new Uint8Array(2048)));
  await host.clock.sleep(0.1 + 2.5 * 0.7);
  await host.set("power", false);
  const end = host.module.flash.findIndex((byte) => byte !== 0);
  expect(end).toBeGreaterThanOrEqual(2.5 * 256 - 1);
  expect(end).toBeLessThanOrEqual(2.5 * 256 + 1);
  expect(host.module.flash.subarray(end + 1, 4096).every((byte) => byte === 0xff)).toBe(true);
});

test("a fault cuts as a hand does; the same random function, the same cells", async () => {
  const cells = async () => {
    const faults = [{ at: { stage: "erase", fraction: 0.37 }, do: "cutPower" }];
    const host = await Host.inSession({ contents: "blank", faults }, () => 0.3);
    host.module.flash.fill(0, 0, 0x2_0000);
    await host.ask(erase(0, 0x1_ffff), 1000);
    return Buffer.from(host.module.flash.subarray(0, 0x2_0000));
  };
  const found = await cells();
  // 32 sectors: 11 are done, 0.84 of the next.
  expect(found.subarray(0, 11 * SECTOR).every((byte) => byte === 0xff)).toBe(true);
  expect(setBits(found.subarray(11 * SECTOR, 12 * SECTOR)) / (8 * SECTOR)).toBeCloseTo(0.84, 1);
  expect(found.subarray(12 * SECTOR).every((byte) => byte === 0)).toBe(true);
  expect((await cells()).equals(found)).toBe(true);
});

test("the state file holds the flash as the cut left it, whole", async () => {
  using folder = scratch();
  const state = folder.file("module.bin");
  const host = await Host.inSession({ state, flash: { sectorEraseMs: 8 } });
  await host.send(erase(0, 0xffff));
  await host.clock.sleep(60);
  host.module.save();
  expect(readdirSync(folder.path)).toEqual([]);
  await host.set("power", false);
  host.module.save();
  expect(readdirSync(folder.path)).toEqual(["module.bin"]);
  const kept = new Host({ state });
  expect(Buffer.from(kept.module.flash).equals(host.module.flash)).toBe(true);
  expect(readFileSync(state)[0]).toBe(0xff);
});

test("a dead sector is acknowledged and stays as it is; its neighbours do not", async () => {
  const host = await Host.inSession({ contents: "blank", quirks: { deadSectors: [0x1800] } });
  expect(await host.ask(write(0x0fff, Uint8Array.of(0, 0)))).toBe("4f4b");
  expect([...host.module.flash.subarray(0x0ffe, 0x1002)]).toEqual([0xff, 0, 0xff, 0xff]);
  host.module.flash.fill(0, 0, 0x3000);
  expect(await host.ask(erase(0, 0x2fff))).toBe("4f4b");
  expect([0x0fff, 0x1000, 0x1fff, 0x2000].map((at) => host.module.flash[at])).toEqual([0xff, 0, 0, 0xff]);
  await host.expect("3a000000", "4f4b");
});

test("stuck bits are what they are, from the start, through programs, erases and cuts", async () => {
  const stuckBits = [
    { address: 5, bit: 0, value: 0 },
    { address: 5, bit: 7, value: 1 },
    { address: 0x40_0006, bit: 3, value: 1 },
  ];
  const host = await Host.inSession({ contents: "blank", quirks: { stuckBits } });
  expect(host.module.flash[5]).toBe(0xfe);
  expect(await host.ask(write(5, Uint8Array.of(0, 0)))).toBe("4f4b");
  expect([...host.module.flash.subarray(5, 7)]).toEqual([0x80, 0x08]);
  expect(await host.ask(erase(0, 0))).toBe("4f4b");
  expect(host.module.flash[5]).toBe(0xfe);
  await host.send(erase(0, 0));
  await host.clock.sleep(7.9);
  await host.set("power", false);
  expect((host.module.flash[5] ?? 0) & 0x81).toBe(0x80);
});
