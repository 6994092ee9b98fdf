import { expect, test } from "@jest/globals";
import { HarnessError } from "../../harness/base/errors.js";
import type { Rig } from "../../harness/base/wire.js";
import { proveBoot } from "../../harness/flash/prove.js";
import { bootModule } from "../../harness/recover/boot.js";
import { eraseChip, eraseRange } from "../../harness/recover/erase.js";
import { openModule } from "../../harness/recover/open.js";
import { simBench } from "../support/bench.js";
import { faulty, type LineFault } from "../support/faulty.js";

const T01 = { profile: "t01", version: "2.0.106" } as const;

test("silence over a line that carries the banner's rate is held against the firmware", async () => {
  const { rig, deadline } = simBench({ appLog: false });
  await expect(bootModule(rig, T01, undefined, deadline)).rejects.toMatchObject({
    code: "BOOT_SILENT",
    blame: "firmware",
  });
});

test("silence over a line that does not carry it proves nothing, and that is said", async () => {
  const { rig, deadline } = simBench({ link: { maxBaud: 1_000_000 } }, { loadBaud: "auto" });
  await openModule(rig, deadline);
  const told: string[] = [];
  const boot = await bootModule(rig, T01, rig.wire.baud, deadline, {
    stage: () => undefined,
    note: (note) => told.push(note),
  });
  expect(boot).toMatchObject({ proven: false, reason: expect.stringContaining("proven up to 1000000 Bd only") });
  expect(told).toHaveLength(1);
});

test.each([
  ["TX and RX swapped", { wiring: { txRx: "swapped" } }, "NOT_IN_ROM"],
  ["an adapter that is too slow", { link: { maxBaud: 1_000_000 } }, "LINK_TOO_SLOW"],
])("without a session before: %s is found out before a firmware is blamed", async (_, options, code) => {
  const { rig, deadline } = simBench(options);
  await expect(bootModule(rig, undefined, undefined, deadline)).rejects.toMatchObject({ code });
});

test("a chip erase leaves a blank chip, and says which", async () => {
  const { rig, deadline, module } = simBench();
  await expect(eraseChip(rig, deadline)).resolves.toMatchObject({ chipId: "40827b037742" });
  expect(module.flash.every((byte) => byte === 0xff)).toBe(true);
});

test("a range erase takes its sectors and no other", async () => {
  const { rig, deadline, module } = simBench();
  const before = Buffer.from(module.flash);
  await eraseRange(rig, { start: 0x10000, end: 0x12000 }, deadline);
  before.fill(0xff, 0x10000, 0x12000);
  expect(before.equals(module.flash)).toBe(true);
});

test("a range beyond the flash is refused before anything is erased", async () => {
  const { rig, deadline, module } = simBench();
  const before = Buffer.from(module.flash);
  await expect(eraseRange(rig, { start: 0x3ff000, end: 0x401000 }, deadline)).rejects.toMatchObject({ code: "USAGE" });
  expect(before.equals(module.flash)).toBe(true);
});

test("a chip that says it erased and did not is caught by its own hash", async () => {
  const { rig, deadline, module } = simBench();
  const { wire } = rig;
  const lying = {
    ...rig,
    wire: {
      get baud() {
        return wire.baud;
      },
      async write(bytes: Uint8Array, within: typeof deadline) {
        await wire.write(bytes[0] === 0x3c ? Uint8Array.of(0x61, 0, 0, 0) : bytes, within);
      },
      read: (within: typeof deadline) => wire.read(within),
      setBaud: (baud: number, within: typeof deadline) => wire.setBaud(baud, within),
      arrived: () => wire.arrived(),
      drop: () => wire.drop(),
      [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
    },
  };
  await expect(eraseChip(lying, deadline)).rejects.toMatchObject({ code: "VERIFY_MISMATCH", blame: "module" });
  expect(module.flash.every((byte) => byte === 0xff)).toBe(false);
});

/** SPI_RDY as it would come `ms` after the module was enabled last. */
function readyAfter(rig: Rig, ms: number): Partial<Rig> {
  const { straps, clock } = rig;
  let since = Number.POSITIVE_INFINITY;
  if (straps === undefined) throw new Error("the bench drives lines");
  return {
    straps: {
      async set(line, asserted, deadline) {
        await straps.set(line, asserted, deadline);
        if (line === "chipEn") since = asserted ? clock.now() : Number.POSITIVE_INFINITY;
      },
      [Symbol.asyncDispose]: () => straps[Symbol.asyncDispose](),
    },
    ready: { read: async () => clock.now() - since >= ms },
  };
}

test.each<[string, Rig["bootProof"], number, object]>([
  ["its rise alone proves that something runs", ["ready"], 702, { proven: true, banner: undefined, readyMs: 705 }],
  ["and the banner which", ["banner", "ready"], 702, { proven: true, banner: { version: "2.0.75" }, readyMs: 705 }],
  ["a rise before the banner is over is timed too", ["banner", "ready"], 332, { proven: true, readyMs: 335 }],
  ["asserted from the reset on it proves nothing", ["ready"], 0, { proven: false }],
])("SPI_RDY: %s", async (_, bootProof, ms, proof) => {
  const { rig, deadline } = simBench({}, { bootProof });
  const boot = await bootModule({ ...rig, ...readyAfter(rig, ms) }, undefined, 2_000_000, deadline);
  expect(boot).toMatchObject(proof);
});

test("SPI_RDY that is asserted from the reset on proves nothing beside a banner either, and that is said", async () => {
  const { rig, deadline } = simBench({}, { bootProof: ["banner", "ready"] });
  const told: string[] = [];
  const observer = { stage: () => undefined, note: (note: string) => told.push(note) };
  const boot = await bootModule({ ...rig, ...readyAfter(rig, 0) }, undefined, 2_000_000, deadline, observer);
  expect(boot).toMatchObject({ proven: true, banner: { version: "2.0.75" } });
  expect(boot).not.toHaveProperty("readyMs");
  expect(told).toEqual([expect.stringContaining("is it wired?")]);
});

test.each<[Rig["bootProof"]]>([[["ready"]], [["banner", "ready"]]])(
  "%j: nobody looks at SPI_RDY any more once the boot was judged",
  async (bootProof) => {
    const { rig, deadline, clock } = simBench({ appLog: false }, { bootProof });
    const never = { ...rig, ...readyAfter(rig, Number.POSITIVE_INFINITY) };
    let looks = 0;
    const ready = { read: async () => ++looks < 0 };
    await expect(bootModule({ ...never, ready }, undefined, 2_000_000, deadline)).rejects.toThrow();
    const before = looks;
    await clock.sleep(10_000);
    expect(looks).toBe(before);
  },
);

test.each<[Rig["bootProof"]]>([[["ready"]], [["banner"]]])(
  "%j without a session before: a CHIP_EN that is off is found out before a firmware is blamed",
  async (bootProof) => {
    const { rig, deadline, module } = simBench({ wiring: { chipEn: "open" } }, { bootProof });
    const bench = { ...rig, ready: { read: async () => module.ready } };
    await expect(bootModule(bench, undefined, undefined, deadline)).rejects.toMatchObject({ code: "NOT_IN_ROM" });
  },
);

test("SPI_RDY that does not rise fails the firmware once the module was reached, too", async () => {
  const { rig, deadline } = simBench({}, { bootProof: ["ready"] });
  const never = { ...rig, ...readyAfter(rig, Number.POSITIVE_INFINITY) };
  await expect(bootModule(never, undefined, undefined, deadline)).rejects.toMatchObject({ code: "BOOT_NOT_READY" });
});

test("SPI_RDY that does not rise fails the firmware, whatever rate the line carries", async () => {
  const { rig, deadline } = simBench({}, { bootProof: ["ready"] });
  const never = { ...rig, ...readyAfter(rig, Number.POSITIVE_INFINITY) };
  await expect(bootModule(never, undefined, 500_000, deadline)).rejects.toMatchObject({
    code: "BOOT_NOT_READY",
    blame: "firmware",
  });
});

const FACTORY = { profile: "t01", version: "2.0.75" } as const;

/** Boots over a line that damages bytes of what the module prints, counted over all boots. */
async function bootOver(faults: readonly LineFault[], expected: Parameters<typeof bootModule>[1] = FACTORY) {
  const { rig, deadline } = simBench();
  return bootModule({ ...rig, wire: faulty(rig.wire, faults) }, expected, 2_000_000, deadline);
}

const flipAt = (at: number): LineFault => ({ toward: "host", at, kind: "flip", value: 0 });

/** Where `component_version_sdk_` begins, and how much a boot prints that is listened to till its end. */
async function printed(): Promise<{ versionAt: number; bytes: number }> {
  const { rig, deadline } = simBench();
  const { text = "" } = (await bootModule(rig, FACTORY, 2_000_000, deadline)).banner ?? {};
  const versionAt = text.indexOf("component_version");
  const heard = await proveBoot({ ...rig, wire: faulty(rig.wire, [flipAt(versionAt)]) }, FACTORY, deadline).catch(
    (error: unknown) => (error instanceof HarnessError ? error.details["text"] : ""),
  );
  return { versionAt, bytes: String(heard).length };
}

test.each(["flip", "drop", "insert"] as const)(
  "one damaged byte of a banner (%s), wherever it is, is not held against the firmware",
  async (kind) => {
    const { bytes } = await printed();
    for (let at = 0; at < bytes; at++) {
      const boot = await bootOver([{ toward: "host", at, kind, value: at & 7 }]);
      expect(boot).toMatchObject({ proven: true, banner: { version: "2.0.75" } });
    }
  },
);

test.each<[string, LineFault["kind"], number]>([
  ["another character", "flip", 3],
  ["cut off before it", "truncate", -20],
])("two damaged banners that differ tell of the line: %s", async (_, kind, further) => {
  const { versionAt, bytes } = await printed();
  const second = { ...flipAt(bytes + versionAt + further), kind };
  await expect(bootOver([flipAt(versionAt), second])).rejects.toMatchObject({
    code: "REPLY_MALFORMED",
    blame: "link",
    message: expect.stringContaining("booted twice"),
  });
});

test("the same unexpected banner twice is the firmware's own", async () => {
  await expect(bootOver([], T01)).rejects.toMatchObject({
    code: "BOOT_UNEXPECTED",
    blame: "firmware",
    details: { found: { version: "2.0.75" } },
  });
});

test("the same text without a version twice is the firmware's own, and is not told as silence", async () => {
  const { versionAt, bytes } = await printed();
  const error = await bootOver([flipAt(versionAt), flipAt(bytes + versionAt)]).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "BOOT_SILENT", message: expect.stringContaining("no version is in them") });
  expect(String(error)).not.toContain("no banner");
});
