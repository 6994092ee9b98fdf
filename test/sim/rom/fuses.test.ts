import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { SYNTHETIC_KEY_HASH } from "../../../harness/firmware/synthetic.js";
import { Fuses } from "../../../harness/sim/silicon/fuses.js";
import { scratch } from "../../support/scratch.js";
import { firmware, greeted, programmed, whole } from "../boot/images.js";
import { frame, Host, words } from "../host.js";

const OK = "4f4b";
const READ_ALL = "410a08000000000000020000";
const BOOT_INFO = "10000000";
const RESET = "21000000";
const UNLOCKED = { locked: false };

async function inRom(options: object = {}): Promise<Host> {
  return greeted(new Host({ contents: "blank", ...options }));
}

const burn = (address: number, data: Uint8Array) => frame(0x40, Buffer.concat([words(address), data]));
const read = (address: number, length: number) => frame(0x41, words(address, length));

async function dump(host: Host): Promise<Buffer> {
  const heard = await host.ask(READ_ALL);
  expect(heard.slice(0, 8)).toBe("4f4b0002");
  return Buffer.from(heard.slice(8), "hex");
}

/** A dump that is zero but for these words. */
function dumpOf(parts: Record<number, number>): Buffer {
  const all = Buffer.alloc(512);
  for (const [at, word] of Object.entries(parts)) all.writeUInt32LE(word, Number(at));
  return all;
}

const IDENTITY = { 20: 0x7b03_7742, 24: 0x001d_4082, 96: 0x9080_758f };

test("a shipped locked module: signed images only, JTAG off, anti-rollback on, key slots write-locked, no key yet", async () => {
  const locked = { 0: 0x0c00_0000, 92: 0x0182_12a7, 124: 0x0006_1000, 220: 0x0400_0000 };
  expect(await dump(await inRom())).toEqual(dumpOf({ ...IDENTITY, ...locked }));
});

test("an unlocked one: no lock bit, JTAG open", async () => {
  expect(await dump(await inRom(UNLOCKED))).toEqual(dumpOf({ ...IDENTITY, 92: 0x0182_1227 }));
});

test.each([true, false])("a key hash that is asked for can be read, locked: %s", async (locked) => {
  const host = await inRom({ locked, keyHash: SYNTHETIC_KEY_HASH });
  expect(await host.ask(read(0x1c, 32))).toBe(`4f4b2000${SYNTHETIC_KEY_HASH}`);
});

test("a host cannot write into a locked module's key slots, and the first boot still fixes the key there", async () => {
  const host = await programmed(whole(firmware()));
  expect(await host.ask(burn(0x1c, new Uint8Array(32).fill(0xff)))).toBe(OK);
  expect(await host.ask(read(0x1c, 32))).toBe(`4f4b2000${"00".repeat(32)}`);
  await host.strap(false);
  expect(await host.text(700)).toContain("component_version_sdk_2.0.106");
  await greeted(host);
  expect(await host.ask(read(0x1c, 32))).toBe(`4f4b2000${SYNTHETIC_KEY_HASH}`);
});

test("a read takes whole words, rounds both down, and ends where the fuses end", async () => {
  const host = await inRom(UNLOCKED);
  expect(await host.ask(read(0x17, 7))).toBe("4f4b04004277037b");
  expect(await host.ask(read(0x14, 3))).toBe("4f4b0000");
  expect(await host.ask(read(0x1fc, 512))).toBe("4f4b040000000000");
  expect(await host.ask(read(0x1ff, 0xffff_ffff))).toBe("4f4b040000000000");
});

test("fusing takes 28 ms for 128 bytes, and is done at its end", async () => {
  const host = await inRom(UNLOCKED);
  await host.send(burn(0x100, new Uint8Array(128).fill(0xa5)));
  const sentMs = host.clock.now();
  await host.wire.read(host.deadline());
  expect(host.clock.now() - sentMs).toBeCloseTo(28 + 2 * 0.02, 6);
  await host.send(burn(0x180, new Uint8Array(128).fill(0xa5)));
  await host.clock.sleep(27);
  await greeted(host);
  const fuses = await dump(host);
  expect(fuses.subarray(0x100, 0x180).every((byte) => byte === 0xa5)).toBe(true);
  expect(fuses.subarray(0x180).every((byte) => byte === 0)).toBe(true);
});

test("bits only go from 0 to 1; an address is rounded down to a word, what lies behind the end goes nowhere", async () => {
  const host = await inRom(UNLOCKED);
  await host.expect("407908007000000001000000", OK);
  await host.expect("407808007000000000000000", OK);
  expect(await host.ask(burn(0x73, Uint8Array.of(0x80, 0, 0, 0x10)))).toBe(OK);
  expect(await host.ask(read(0x70, 8))).toBe("4f4b08008100001000000000");
  expect(await host.ask(burn(0x1fc, words(0xffff_ffff, 0xffff_ffff)))).toBe(OK);
  expect((await dump(host)).subarray(0, 4)).toEqual(Buffer.alloc(4));
});

test.each([
  ["write of no data", frame(0x40, words(0)), "464c0104"],
  ["write of half a word", burn(0, new Uint8Array(6)), "464c0104"],
  ["write behind the end", burn(512, new Uint8Array(4)), "464c0204"],
  ["write far behind the end", burn(0xffff_fffc, new Uint8Array(4)), "464c0204"],
  ["read of a wrong form", frame(0x41, words(0)), "464c0404"],
  ["read behind the end", read(512, 4), "464c0504"],
])("%s is refused, and the third refusal ends the session", async (_, request, answer) => {
  const host = await inRom();
  for (let turn = 0; turn < 3; turn++) expect(await host.ask(request)).toBe(answer);
  await host.expect(BOOT_INFO, "");
});

test.each<[string, (host: Host) => Promise<Host>, boolean]>([
  ["at once: not yet", async (host) => host, false],
  [
    "after a reset by command: not yet",
    async (host) => {
      await host.expect(RESET, OK);
      await host.sync();
      return host;
    },
    false,
  ],
  ["after a cycle of CHIP_EN: they count", greeted, true],
  [
    "after a power cycle: they count",
    async (host) => {
      await host.set("power", false);
      await host.set("power", true);
      await host.sync();
      return host;
    },
    true,
  ],
])("lock bits, %s", async (_, pass, locked) => {
  const host = await inRom(UNLOCKED);
  expect(await host.ask(burn(0x1c, words(0x1111_1111)))).toBe(OK);
  expect(await host.ask(burn(0x7c, words((1 << 17) | (1 << 28))))).toBe(OK);
  expect(await host.ask(burn(0x2c, words(0x2222_2222)))).toBe(OK);
  await pass(host);
  expect(await host.ask(burn(0x1c, words(0x8888_8888)))).toBe(OK);
  expect(await host.ask(read(0x1c, 4))).toBe(`4f4b0400${locked ? "11111111" : "99999999"}`);
  expect(await host.ask(read(0x2c, 4))).toBe(`4f4b0400${locked ? "00000000" : "22222222"}`);
});

/** Lock word, bit, what it guards: first byte and length, and whether it is a write lock. */
const LOCKS: [number, number, number, number, "write" | "read"][] = [
  [0x7c, 15, 0x04, 16, "write"],
  [0x7c, 16, 0x14, 8, "write"],
  [0x7c, 17, 0x1c, 16, "write"],
  [0x7c, 18, 0x2c, 16, "write"],
  [0x7c, 20, 0x4c, 16, "write"],
  [0x7c, 21, 0x5c, 4, "write"],
  [0x7c, 24, 0x68, 4, "write"],
  [0x7c, 25, 0x6c, 16, "write"],
  [0x7c, 26, 0x04, 16, "read"],
  [0x7c, 27, 0x1c, 16, "read"],
  [0x7c, 31, 0x6c, 16, "read"],
  [0xfc, 15, 0x80, 16, "write"],
  [0xfc, 21, 0xe0, 16, "write"],
  [0xfc, 25, 0x80, 16, "read"],
  [0xfc, 31, 0xe0, 16, "read"],
];

test.each(LOCKS)("word 0x%i, bit %i guards %i bytes", (word, bit, at, length, kind) => {
  const ones = new Uint8Array(512).fill(0xff);
  const fuses = new Fuses(new Uint8Array(512));
  fuses.burn(word, words((1 << bit) >>> 0));
  fuses.latch();
  fuses.burn(0, ones);
  const seen = kind === "write" ? fuses.bytes : fuses.read(0, 512);
  const zeros = [...seen.keys()].filter((index) => seen[index] === 0);
  expect(zeros).toEqual(Array.from({ length }, (_, index) => at + index));
});

test("an unlocked module can be locked, for good", async () => {
  const host = await programmed(whole(firmware()), UNLOCKED);
  expect(await host.ask(burn(0x1c, Buffer.from(SYNTHETIC_KEY_HASH, "hex")))).toBe(OK);
  expect(await host.ask(burn(0x5c, words(0x80)))).toBe(OK);
  await greeted(host);
  const info = await host.ask(BOOT_INFO);
  expect(info.slice(8, 32)).toBe("0200160601000100a7128201");
  await host.strap(false);
  expect(await host.text(700)).toContain("component_version_sdk_2.0.106");
});

test("a write that changes nothing changes no state file; one that does is kept", async () => {
  using folder = scratch();
  const state = folder.file("module.bin");
  const host = await inRom({ state });
  expect(await host.ask(burn(0x5c, words(0x0182_12a7)))).toBe(OK);
  expect(await host.ask(burn(0x1c, new Uint8Array(32).fill(0xff)))).toBe(OK);
  host.module.save();
  expect(existsSync(state)).toBe(false);
  expect(await host.ask(burn(0x100, words(0x1234_5678)))).toBe(OK);
  host.module.save();
  const kept = readFileSync(state);
  const other = await inRom({ state });
  expect(await other.ask(read(0x100, 4))).toBe("4f4b040078563412");
  expect(await other.ask(burn(0x100, words(0x1234_5678)))).toBe(OK);
  other.module.save();
  expect(readFileSync(state).equals(kept)).toBe(true);
});

test("whatever is fused and locked in whatever order, no bit goes back, and a locked byte never changes", () => {
  const step = fc.oneof(
    fc.record({ at: fc.nat(127).map((word) => 4 * word), data: fc.uint8Array({ minLength: 4, maxLength: 300 }) }),
    fc.record({ at: fc.constantFrom(0x7c, 0xfc), data: fc.uint8Array({ minLength: 4, maxLength: 4 }) }),
    fc.constant("latch" as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const fuses = new Fuses(new Uint8Array(512));
      let locked = 0;
      for (const now of steps) {
        const before = fuses.bytes.slice();
        const changes = fuses.changes;
        if (now === "latch") {
          fuses.latch();
          locked = Buffer.from(before).readUInt32LE(0x7c);
          continue;
        }
        fuses.burn(now.at, now.data);
        expect(fuses.bytes.every((byte, index) => (byte & (before[index] ?? 0)) === before[index])).toBe(true);
        expect(fuses.changes - changes).toBe(Number(!Buffer.from(before).equals(fuses.bytes)));
        const slot = (bytes: Uint8Array) => Buffer.from(bytes.subarray(0x1c, 0x2c)).toString("hex");
        if ((locked >>> 17) & 1) expect(slot(fuses.bytes)).toBe(slot(before));
        if ((locked >>> 27) & 1) expect(slot(fuses.read(0, 512))).toBe("00".repeat(16));
        else expect(slot(fuses.read(0, 512))).toBe(slot(fuses.bytes));
      }
    }),
  );
});
