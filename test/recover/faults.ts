import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import { randomOf } from "../../harness/base/random.js";
import { planOf } from "../../harness/flash/plan.js";
import type { CommandName } from "../../harness/protocol/commands.js";
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

/** What befalls the module itself: one of `sim.faults` of a rig file. */
interface Mishap {
  readonly at: Readonly<Record<string, string | number>>;
  readonly do: string | { readonly refuse: number };
  readonly forMs?: number;
  readonly count: number;
}

export interface Scene {
  readonly plan: keyof typeof plans;
  readonly contents: "blank" | "factory";
  readonly faults: readonly LineFault[];
  readonly mishaps: readonly Mishap[];
  /** A cell that cannot be programmed or erased: always this value. */
  readonly stuck: { readonly at: number; readonly value: number } | undefined;
  readonly driven: boolean;
  /** For what a power cut leaves in the flash. */
  readonly seed: number;
}

/** Anywhere; or near the beginning, where commands are denser than data. */
const placeIn = (bytes: number) =>
  fc.oneof(fc.integer({ min: 0, max: bytes }), fc.integer({ min: 0, max: bytes >> 4 }));
const kind = fc.constantFrom<LineFault["kind"]>("drop", "flip", "insert", "double", "silence", "truncate");
const lineFault = (toward: LineFault["toward"], bytes: number): fc.Arbitrary<LineFault> =>
  fc.record({ toward: fc.constant(toward), at: placeIn(bytes), kind, value: fc.nat(255) });
const FAULT = fc.oneof(lineFault("module", TO_MODULE_BYTES), lineFault("host", TO_HOST_BYTES));

const COMMANDS: readonly CommandName[] = [
  "getBootInfo",
  "setIdleTimeout",
  "clockSet",
  "flashSetPara",
  "flashReadJedec",
  "flashErase",
  "flashChipErase",
  "flashWrite",
  "flashDecompressWrite",
  "flashWriteCheck",
  "xipReadStart",
  "flashXipReadSha",
  "xipReadFinish",
];

const count = fc.oneof(
  { weight: 4, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.integer({ min: 2, max: 6 }) },
);
/** From a millisecond to several seconds, short ones as often as long ones. */
const forMs = fc.integer({ min: 0, max: 130 }).map((power) => 2 ** (power / 10));
const whole = fc.constantFrom("silent", "reset");
const lasting = (action: string, at: fc.Arbitrary<Mishap["at"]>): fc.Arbitrary<Mishap> =>
  fc.record({ at, do: fc.constant(action), forMs, count });
const sudden = (actions: fc.Arbitrary<string>, at: fc.Arbitrary<Mishap["at"]>): fc.Arbitrary<Mishap> =>
  fc.record({ at, do: actions, count });

const atByte = fc.oneof(
  fc.record({ byte: fc.integer({ min: 0, max: TO_MODULE_BYTES }), dir: fc.constant("host") }),
  fc.record({ byte: fc.integer({ min: 0, max: TO_HOST_BYTES }), dir: fc.constant("module") }),
);
const atCommand = fc.record({ command: fc.constantFrom(...COMMANDS), nth: fc.integer({ min: 1, max: 20 }) });
const fraction = fc.integer({ min: 0, max: 1000 }).map((part) => part / 1000);
const atStage = fc.oneof(
  fc.record({ stage: fc.constant("erase"), fraction, nth: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ stage: fc.constant("program"), fraction, nth: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ stage: fc.constant("hash"), fraction, nth: fc.integer({ min: 1, max: 5 }) }),
);
const atTime = fc.record({ ms: fc.integer({ min: 0, max: 3000 }) });
const atWork = fc.oneof(atByte, atCommand, atStage);

/** An erase whose answer is lost again and again, while all others come, is told from a line that loses some of all. */
const isErase = (at: Mishap["at"]): boolean => at["command"] === "flashErase" || at["command"] === "flashChipErase";

/** Whose fault these are is beyond doubt: the module's own. */
const OWN: fc.Arbitrary<Mishap> = fc.oneof(
  fc.record({
    at: fc.oneof(atCommand, atStage),
    do: fc.constantFrom(0x0003, 0x0006, 0x000b, 0x000c).map((refuse) => ({ refuse })),
    count,
  }),
  sudden(
    fc.constant("drop"),
    atStage.filter(({ stage }) => stage !== "hash"),
  ),
);

const MISHAP: fc.Arbitrary<Mishap> = fc.oneof(
  { weight: 4, arbitrary: lasting("cutPower", atWork) },
  { weight: 3, arbitrary: lasting("delay", atWork) },
  { weight: 4, arbitrary: sudden(whole, atWork) },
  { weight: 2, arbitrary: sudden(fc.constantFrom("drop", "flip", "insert"), fc.oneof(atByte, atCommand)) },
  { weight: 1, arbitrary: fc.record({ at: atTime, do: whole, count: fc.constant(1) }) },
  { weight: 1, arbitrary: fc.record({ at: atTime, do: fc.constant("cutPower"), forMs, count: fc.constant(1) }) },
  { weight: 1, arbitrary: OWN },
);

export const SCENE: fc.Arbitrary<Scene> = fc
  .record({
    plan: fc.constantFrom("each", "chip", "plain"),
    contents: fc.constantFrom("blank", "factory"),
    faults: fc.array(FAULT, { maxLength: 3 }),
    mishaps: fc.array(MISHAP, { maxLength: 2 }),
    stuck: fc.oneof(
      { weight: 9, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.record({ at: fc.nat(65_535), value: fc.nat(255) }) },
    ),
    driven: fc.boolean(),
    seed: fc.nat(0xffff),
  })
  .filter(({ faults, mishaps }) => faults.length + mishaps.length > 0);

/**
 * Plays one scene and judges it by the cells of the flash alone. Trouble of the line, and a module that loses its power
 * or resets by itself, may end in an error; but not in one that is held against the module.
 *
 * @returns what is wrong with how it ended, or `undefined`.
 */
export async function play(scene: Scene): Promise<string | undefined> {
  const { plan, contents, faults, mishaps, stuck, driven, seed } = scene;
  const { rig, deadline, module } = simBench({ contents, faults: mishaps }, {}, randomOf(seed, "scene"));
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
  let ending: string | undefined;
  try {
    await programModule(await openModule({ ...rig, wire, straps: lines }, deadline), plans[plan], deadline);
    if (!holds()) ending = "said to be verified, and the cells hold something else";
  } catch (error) {
    ending = complaintAbout(error, impossible || mishaps.some(isOwn));
  }
  return deadline.clock.now() <= DEADLINE_MS ? ending : `took ${deadline.clock.now()} ms of its time`;
}

/** The bench's own deadline. */
const DEADLINE_MS = 3_600_000;

const isOwn = ({ at, do: action, count }: Mishap): boolean =>
  typeof action === "object" || (action === "drop" && ("stage" in at || (isErase(at) && count > 1)));

function complaintAbout(error: unknown, itsOwn: boolean): string | undefined {
  if (!(error instanceof HarnessError)) return `threw ${String(error)}`;
  const fair = ["link", "rig", "unknown"].includes(error.blame) || (itsOwn && error.blame === "module");
  return fair ? undefined : `${error.code} is held against the ${error.blame}: ${error.message}`;
}
