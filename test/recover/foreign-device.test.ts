import { describe, expect, test } from "@jest/globals";
import { readFuses } from "../../harness/flash/fuses.js";
import { planOf } from "../../harness/flash/plan.js";
import { readFlash } from "../../harness/flash/read.js";
import { eraseChip } from "../../harness/recover/erase.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import type { Observer } from "../../harness/session/stage.js";
import { simBench } from "../support/bench.js";
import { loaderBench } from "../support/loader-bench.js";
import { plainSet, syntheticSet } from "../support/package.js";
import { tapped } from "../support/tap.js";

const content = (bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, at) => (Math.imul(at >> 3, 0x9e3779b1) >>> (at & 1 ? 8 : 0)) & 0x3f);
/** One that goes plainly, and one that goes as xz where the device knows it. */
const FILES = [
  { section: "table", address: 0xe000, bytes: content(308) },
  { section: "image", address: 0x10000, bytes: content(68_000) },
];
const plan = planOf({ ...plainSet(FILES), findings: [] });

const XZ_NOTE = "bench: the device does not know xz (0x3F): files are written plainly";
const RATE_NOTE = "bench: the device ignores clock-set; it is served at 500000 Bd";
const HASH_NOTE = "the device does not hash its flash (0x60, 0x3E): it is read back instead";

const holds = (flash: Uint8Array): boolean =>
  FILES.every(({ address, bytes }) =>
    Buffer.from(flash.subarray(address, address + bytes.length)).equals(Buffer.from(bytes)),
  );
const count = (heard: readonly number[], opcode: number): number => heard.filter((one) => one === opcode).length;

describe("a RAM loader behind a serial path", () => {
  const short = Uint8Array.from({ length: 20 }, (_, at) => (at < 4 ? 0xff : 0x10 + at));
  test.each([
    ["BL702's: no xz, no rates, OK before programming, 24 bytes of boot info", {}],
    ["BL602's boot info of 20 bytes", { bootInfo: short }],
    [
      "reads clipped to 1000 bytes, and no hash",
      { readLimit: 1000, lacks: [0x20, 0x22, 0x23, 0x3d, 0x3e, 0x3f, 0x41] },
    ],
    ["no hash and no mapping", { lacks: [0x22, 0x23, 0x3d, 0x3e, 0x3f, 0x41, 0x60, 0x61] }],
    ["OK after programming", { lateOk: true }],
    ["FL 0101 for what it does not know, three times: the session ends on the way", { unknown: "refused" }],
    ["FL 0101, and no hash either", { unknown: "refused", lacks: [0x22, 0x23, 0x3e, 0x3f, 0x41] }],
    ["a flash so slow that every page is late", { pageMs: 40 }],
  ] as const)("%s: files are on it and verified", async (_, traits) => {
    const { loader, rig, notes, observer, deadline } = loaderBench(traits);
    await programModule(await openModule(rig, deadline, observer), plan, deadline, observer);
    expect(holds(loader.flash)).toBe(true);
    expect(rig.wire.baud).toBe(500_000);
    const hashes = !("lacks" in traits);
    expect(notes.toSorted()).toEqual([RATE_NOTE, XZ_NOTE, ...(hashes ? [] : [HASH_NOTE])].toSorted());
    expect(count(loader.heard, 0x3f)).toBe(1);
  });

  test("fuses that it does not tell cannot be read, and the session goes on", async () => {
    for (const unknown of ["silent", "refused"] as const) {
      const { rig, deadline } = loaderBench({ unknown });
      const session = await openModule(rig, deadline);
      await expect(readFuses(session, deadline)).resolves.toBeUndefined();
      await expect(readFlash(session, 0, 16, deadline)).resolves.toEqual(new Uint8Array(16).fill(0xff));
    }
  });

  test("a third refusal ends its session: it is greeted anew, and no burst goes into a live one", async () => {
    const { loader, rig, deadline } = loaderBench({ unknown: "refused" });
    const session = await openModule(rig, deadline);
    expect(loader.greeted).toBe(1);
    await readFuses(session, deadline);
    expect(loader.greeted).toBe(2);
    expect(loader.inSession).toBe(true);
  });

  test("nothing can be said of its locks: a signed image is not for it", async () => {
    const { loader, rig, deadline } = loaderBench({ bootInfo: new Uint8Array(24).fill(0xff) });
    const session = await openModule(rig, deadline);
    expect(session.info).toMatchObject({ loader: true, signRequired: false });
    await expect(programModule(session, planOf(syntheticSet("t02")), deadline)).rejects.toMatchObject({
      code: "MODULE_UNLOCKED",
      message: expect.stringContaining("is not known to be locked"),
    });
    expect(count(loader.heard, 0x3c)).toBe(0);
  });

  test("a chip erase with its PDs, proven blank", async () => {
    const { loader, rig, notes, observer, deadline } = loaderBench();
    loader.flash.fill(0x12, 0x1000, 0x9000);
    await eraseChip(rig, deadline, observer);
    // Its hash of 4 MiB takes longer than anybody dares to be silent: boot info is asked for in between, and it counts.
    expect(notes).toEqual([RATE_NOTE]);
    expect(loader.flash.every((byte) => byte === 0xff)).toBe(true);
  });

  test.each([500_000, 2_000_000])(
    "a session that is open at %i Bd is used, and no burst goes into it",
    async (baud) => {
      const { loader, rig, deadline } = loaderBench();
      loader.begin(baud);
      const { wire, sent } = tapped(rig.wire);
      await openModule({ ...rig, wire }, deadline);
      expect(wire.baud).toBe(baud);
      expect(sent.filter((frame) => frame.startsWith("5555"))).toEqual([]);
      expect(loader.greeted).toBe(0);
    },
  );

  test("a session that was left in mid-packet ends by itself, and is then greeted", async () => {
    const { loader, rig, deadline } = loaderBench();
    loader.begin(500_000);
    await rig.wire.setBaud(500_000, deadline);
    await rig.wire.write(Uint8Array.of(0x31, 0x00, 0x04, 0x08, 0, 0, 1, 0), deadline);
    await expect(openModule(rig, deadline)).resolves.toMatchObject({ jedec: { id: "c46016" } });
    expect(loader.greeted).toBe(1);
  });
});

describe("a page that cannot be programmed, where OK is said before", () => {
  /** The page of the second, and of the last chunk. */
  test.each([
    [
      0x10800,
      0.7,
      { command: "flashWrite", status: 6, address: 0x10800 },
      /^flashWrite at 0x10800: the chip said OK, and then FL 0006/,
    ],
    [0x10800, 40, { command: "flashWrite", status: 6, address: 0x10800 }, /^flashWrite at 0x10800: /],
    [0x20900, 0.7, { command: "flashWrite", status: 6, address: 0x20800 }, /^flashWrite at 0x20800: /],
    [0xe000, 0.7, { command: "flashWrite", status: 6, address: 0xe000 }, /^flashWrite at 0xE000: /],
  ])("%i, at %d ms a page: the write is named, with the chip's status", async (page, pageMs, details, message) => {
    const { loader, rig, observer, deadline } = loaderBench({ deadPages: [page], pageMs });
    const session = await openModule(rig, deadline, observer);
    await expect(programModule(session, plan, deadline, observer)).rejects.toMatchObject({
      code: "COMMAND_REFUSED",
      blame: "module",
      message: expect.stringMatching(message),
      details,
    });
    expect(count(loader.heard, 0x3e)).toBe(page === 0xe000 ? 0 : 1);
  });

  test("the refusal lies there before the next command: that one is not sent", async () => {
    const { loader, rig, clock, deadline } = loaderBench({ deadPages: [0x8000] });
    const { rom } = await openModule(rig, deadline);
    await rom.request("flashWrite", { address: 0x8000, data: new Uint8Array(4) }, deadline);
    await clock.sleep(100);
    const sent = loader.heard.length;
    await expect(rom.request("getBootInfo", {}, deadline)).rejects.toMatchObject({ details: { address: 0x8000 } });
    expect(loader.heard).toHaveLength(sent);
    await expect(rom.request("getBootInfo", {}, deadline)).resolves.toHaveProperty("data");
  });

  test("it comes while the next command is under way: it is not that one's answer, nor is that one's the next one's", async () => {
    const { rig, deadline } = loaderBench({ deadPages: [0x8000], pageMs: 30 });
    const { rom } = await openModule(rig, deadline);
    await rom.request("flashWrite", { address: 0x8000, data: new Uint8Array(4) }, deadline);
    await expect(rom.request("flashErase", { first: 0, last: 0xfff }, deadline)).rejects.toMatchObject({
      code: "COMMAND_REFUSED",
      details: { command: "flashWrite", status: 6, address: 0x8000 },
    });
    const { data } = await rom.request("flashRead", { address: 0, length: 4 }, deadline);
    expect(data).toEqual(new Uint8Array(4).fill(0xff));
  });
});

/** A module without lines, in its ROM by somebody's hand; what is told is kept. */
async function simByHand(options: Record<string, unknown>) {
  const bench = simBench({ contents: "blank", ...options });
  await bench.rig.straps?.set("boot", true, bench.deadline);
  await bench.rig.straps?.set("chipEn", true, bench.deadline);
  const notes: string[] = [];
  const observer: Observer = { stage: () => undefined, note: (note) => notes.push(note) };
  return { ...bench, rig: { ...bench.rig, straps: undefined }, notes, observer };
}

const LOADER_QUIRKS = { ackBeforeProgramming: true, pendingPerErase: 1, knownFlash: true };

describe("the simulated module, as another device", () => {
  test.each([
    ["a loader that knows xz", { ...LOADER_QUIRKS, lacks: [0x20, 0x22, 0x23] }, [RATE_NOTE]],
    ["no xz at the working rate", { lacks: [0x3f] }, [XZ_NOTE]],
    ["no hash", { lacks: [0x3d, 0x3e] }, [HASH_NOTE]],
    [
      "nothing beyond the documents' least",
      { ...LOADER_QUIRKS, lacks: [0x20, 0x22, 0x23, 0x3e, 0x3f, 0x41] },
      [RATE_NOTE, XZ_NOTE, HASH_NOTE],
    ],
    ["opcodes refused, xz", { unknownOpcode: "refused", lacks: [0x3f] }, [XZ_NOTE]],
    [
      "opcodes refused, five of them",
      { unknownOpcode: "refused", lacks: [0x22, 0x23, 0x3e, 0x3f, 0x41] },
      [RATE_NOTE, XZ_NOTE, HASH_NOTE],
    ],
    ["A0: 24 bytes of boot info, no 0x23", { romVersion: 1 }, []],
    ["no longer packets than the vendor's host sends", { payloadLimit: 2052, lacks: [0x3e] }, [HASH_NOTE]],
  ])("%s", async (_, quirks, told) => {
    const { rig, module, notes, observer, deadline } = await simByHand({ quirks });
    await programModule(await openModule(rig, deadline, observer), plan, deadline, observer);
    expect(holds(module.flash)).toBe(true);
    expect(notes.toSorted()).toEqual([...told].toSorted());
  });

  test.each([
    ["idle time-out raised: waited for", [], []],
    [
      "it may end its session meanwhile: taken for one that lacks xz, which does no harm",
      [0x22, 0x23],
      [RATE_NOTE, XZ_NOTE],
    ],
  ] as const)("a first xz chunk that keeps it busy for 5 s, %s", async (_, lacks, told) => {
    const bytes = new Uint8Array(400_000).fill(0x5a);
    const { rig, module, notes, observer, deadline } = await simByHand({ quirks: { lacks }, flash: { pageMs: 3 } });
    const one = planOf({ ...plainSet([{ section: "flat", address: 0x20000, bytes }]), findings: [] });
    await programModule(await openModule(rig, deadline, observer), one, deadline, observer);
    expect(module.flash.subarray(0x20000, 0x20000 + bytes.length).every((byte) => byte === 0x5a)).toBe(true);
    expect(notes).toEqual(told);
  });

  test.each([
    [{ flashFails: true, ackBeforeProgramming: true }, "off", 6],
    [{ flashFails: true, ackBeforeProgramming: true }, "auto", 11],
  ] as const)(
    "programming fails behind the OK: never lost, never another command's",
    async (quirks, compress, status) => {
      const { rig, deadline } = await simByHand({ quirks });
      const session = await openModule(rig, deadline);
      const files = { ...plainSet(FILES.slice(1), { erase: 0 }), findings: [] };
      await expect(programModule(session, planOf(files, { compress }), deadline)).rejects.toMatchObject({
        code: "COMMAND_REFUSED",
        details: { command: compress === "off" ? "flashWrite" : "flashDecompressWrite", status },
      });
    },
  );
});

test("a write that was acknowledged and failed is told by the write check too", async () => {
  const { rig, deadline } = await simByHand({ quirks: { flashFails: true, ackBeforeProgramming: true } });
  const { rom } = await openModule(rig, deadline);
  await rom.request("flashWrite", { address: 0, data: new Uint8Array(4) }, deadline);
  await expect(rom.request("getBootInfo", {}, deadline)).rejects.toMatchObject({ details: { command: "flashWrite" } });
  await expect(rom.request("flashWriteCheck", {}, deadline)).rejects.toMatchObject({
    code: "COMMAND_REFUSED",
    message: "flashWriteCheck: the chip says that a write failed with FL 0006 (flash write error)",
  });
});

test("a session of the simulated module that is open at the boot rate is found, though the first probe spoils the second", async () => {
  const { rig, deadline } = await simByHand({ quirks: { lacks: [0x22, 0x23] } });
  await openModule(rig, deadline);
  const { wire, sent } = tapped(rig.wire);
  await openModule({ ...rig, wire }, deadline);
  expect(sent.filter((frame) => frame.startsWith("5555"))).toEqual([]);
});
