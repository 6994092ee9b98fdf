import { hexNumber } from "../base/hex.js";
import { MODULE_FLASH_BYTES } from "../protocol/flash.js";
import type { Plan } from "./plan.js";
import { type Extent, erasesOf, gapsIn, inOrder, sectorsIn, writesOf } from "./spared.js";
import type { Step } from "./step.js";

/** A run of whole sectors, and what must be in them. */
export interface Stretch {
  /** The file, or files, whose sectors they are. */
  readonly what: string;
  readonly address: number;
  readonly bytes: Uint8Array;
  /** Whether the plan sends what it has there as xz. */
  readonly xz: boolean;
}

/** What lies where a plan erases and writes nothing. */
const BLANK = "blank flash";

/**
 * Why nothing can be said of the whole content of what a plan touches; `undefined`: it can.
 */
export function unwanted(plan: Pick<Plan, "label" | "steps">): string | undefined {
  const { steps } = plan;
  const writes = inOrder(writesOf(steps));
  if (!steps.some(({ op }) => op === "erase" || op === "erase-chip"))
    return `${plan.label} erases nothing: what differs could not be written`;
  const crossed = writes.some(({ start }, index) => start < (writes[index - 1]?.end ?? 0));
  return crossed ? `files of ${plan.label} lie over one another` : undefined;
}

/**
 * What must be in each sector that a plan erases, once it was carried out; the smallest stretch first. Between them lies
 * what it keeps.
 *
 * @param flashBytes how large the flash is: a chip erase speaks for all of it.
 */
export function wantedOf({ steps }: Plan, flashBytes: number): Stretch[] {
  const isWhole = steps.some(({ op }) => op === "erase-chip");
  const erased = isWhole ? [{ start: 0, end: flashBytes }] : sectorsIn(erasesOf(steps));
  const written = sectorsIn(writesOf(steps));
  const blanks = erased.flatMap((each) => gapsIn(each, written));
  return [...written, ...blanks]
    .map((extent) => stretchOf(extent, steps))
    .sort((one, other) => one.bytes.length - other.bytes.length);
}

/** A stretch that is asked for, without its bytes. */
export interface Question {
  readonly what: string;
  readonly address: number;
  readonly bytes: number;
}

/** What a module would be asked for, in that order. */
export const questionsOf = (plan: Plan, flashBytes = MODULE_FLASH_BYTES): Question[] =>
  wantedOf(plan, flashBytes).map(({ what, address, bytes }) => ({ what, address, bytes: bytes.length }));

/** As `--dry-run` shows it. */
export const tellQuestion = ({ what, address, bytes }: Question): string =>
  `${what}: ask for the SHA-256 of ${bytes} bytes at ${hexNumber(address)}`;

type Write = Extract<Step, { op: "write" }>;

function stretchOf({ start, end }: Extent, steps: readonly Step[]): Stretch {
  const within = steps.filter(
    (step): step is Write => step.op === "write" && step.address >= start && step.address < end,
  );
  const bytes = new Uint8Array(end - start).fill(0xff);
  for (const { address, plain } of within) bytes.set(plain, address - start);
  const files = [...new Set(within.map(({ file }) => file))];
  return {
    what: files.length === 0 ? BLANK : files.join(" and "),
    address: start,
    bytes,
    xz: within.some(({ mode }) => mode === "xz"),
  };
}
