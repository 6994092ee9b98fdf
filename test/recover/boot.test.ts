import { expect, test } from "@jest/globals";
import type { Rig } from "../../harness/base/wire.js";
import { bootModule } from "../../harness/recover/boot.js";
import { eraseChip, eraseRange } from "../../harness/recover/erase.js";
import { openModule } from "../../harness/recover/open.js";
import { simBench } from "../support/bench.js";

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
  [
    "and the banner which",
    ["banner", "ready"],
    702,
    { proven: true, banner: { version: "2.0.75" }, readyMs: expect.closeTo(704.5, -1) },
  ],
  ["asserted from the reset on it proves nothing", ["ready"], 0, { proven: false }],
])("SPI_RDY: %s", async (_, bootProof, ms, proof) => {
  const { rig, deadline } = simBench({}, { bootProof });
  const boot = await bootModule({ ...rig, ...readyAfter(rig, ms) }, undefined, 2_000_000, deadline);
  expect(boot).toMatchObject(proof);
});

test("SPI_RDY that does not rise fails the firmware, whatever rate the line carries", async () => {
  const { rig, deadline } = simBench({}, { bootProof: ["ready"] });
  const never = { ...rig, ...readyAfter(rig, Number.POSITIVE_INFINITY) };
  await expect(bootModule(never, undefined, 500_000, deadline)).rejects.toMatchObject({
    code: "BOOT_NOT_READY",
    blame: "firmware",
  });
});
