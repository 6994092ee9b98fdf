import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import { planOf } from "../../harness/flash/plan.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import { simBench } from "../support/bench.js";
import { faulty, type LineFault } from "../support/faulty.js";
import { plainSet } from "../support/package.js";

/** What a flash of the test image puts on the line, with some room for beginning again. */
const TO_MODULE_BYTES = 60_000;
const TO_HOST_BYTES = 500;

const content = (bytes: number, seed: number): Uint8Array =>
  Uint8Array.from(
    { length: bytes },
    (_, index) => (Math.imul(index >> 2, 0x9e3779b1 + seed) >>> (8 * (index & 1))) & (index & 64 ? 0xff : 0x1f),
  );

const FILES = [
  { section: "table", address: 0xe000, bytes: content(308, 1) },
  { section: "image", address: 0x10000, bytes: content(65_536, 2) },
];
const plans = {
  each: planOf({ ...plainSet(FILES), findings: [] }),
  chip: planOf({ ...plainSet(FILES, { erase: 2 }), findings: [] }),
  plain: planOf({ ...plainSet(FILES), findings: [] }, { compress: "off" }),
};

export interface Scene {
  readonly plan: keyof typeof plans;
  readonly faults: readonly LineFault[];
  /** A cell that cannot be programmed or erased: always this value. */
  readonly stuck: { readonly at: number; readonly value: number } | undefined;
  readonly driven: boolean;
}

const FAULT: fc.Arbitrary<LineFault> = fc.oneof(
  fc.record({
    toward: fc.constant("module" as const),
    at: fc.integer({ min: 0, max: TO_MODULE_BYTES }),
    kind: fc.constantFrom("drop", "flip", "insert", "double", "silence"),
    value: fc.nat(255),
  }),
  fc.record({
    toward: fc.constant("host" as const),
    at: fc.integer({ min: 0, max: TO_HOST_BYTES }),
    kind: fc.constantFrom("drop", "flip", "insert", "double", "silence"),
    value: fc.nat(255),
  }),
);

export const SCENE: fc.Arbitrary<Scene> = fc.record({
  plan: fc.constantFrom("each", "chip", "plain"),
  faults: fc.array(FAULT, { minLength: 1, maxLength: 3 }),
  stuck: fc.oneof(
    { weight: 9, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.record({ at: fc.nat(65_535), value: fc.nat(255) }) },
  ),
  driven: fc.boolean(),
});

/**
 * Plays one scene and judges it by the cells of the flash alone.
 *
 * @returns what is wrong with how it ended, or `undefined`.
 */
export async function play({ plan, faults, stuck, driven }: Scene): Promise<string | undefined> {
  const { rig, deadline, module } = simBench({ contents: "blank" });
  const wire = faulty(rig.wire, faults, () => {
    if (stuck !== undefined) module.flash[0x10000 + stuck.at] = stuck.value;
  });
  let lines = rig.straps;
  if (!driven) {
    await lines?.set("boot", true, deadline);
    await lines?.set("chipEn", true, deadline);
    lines = undefined;
  }
  const holds = () =>
    FILES.every(({ address, bytes }) =>
      Buffer.from(module.flash.subarray(address, address + bytes.length)).equals(Buffer.from(bytes)),
    );
  const impossible = stuck !== undefined && FILES[1]?.bytes[stuck.at] !== stuck.value;
  try {
    await programModule(await openModule({ ...rig, wire, straps: lines }, deadline), plans[plan], deadline);
    return holds() ? undefined : "said to be verified, and the cells hold something else";
  } catch (error) {
    if (!(error instanceof HarnessError)) return `threw ${String(error)}`;
    const ours = error.blame === "link" || error.blame === "rig";
    return ours || impossible ? undefined : `${error.code} is held against the ${error.blame}: ${error.message}`;
  }
}
