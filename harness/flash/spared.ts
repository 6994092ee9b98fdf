import type { Range } from "../firmware/package.js";
import { MODULE_FLASH_BYTES } from "../protocol/flash.js";
import { sectorsOf } from "./parts.js";
import type { Plan } from "./plan.js";

/** A run of flash. */
export interface Extent {
  readonly start: number;
  /** The first byte that does not belong to it. */
  readonly end: number;
}

/**
 * What of a module's flash a plan leaves as it is, in whole sectors: nothing, where it erases the chip.
 *
 * @param flashBytes how large the flash is.
 */
export function sparedBy({ steps }: Plan, flashBytes = MODULE_FLASH_BYTES): Range[] {
  if (steps.some(({ op }) => op === "erase-chip")) return [];
  const touched = [...erasesOf(steps), ...writesOf(steps)];
  return gapsIn({ start: 0, end: flashBytes }, sectorsIn(touched)).map(rangeOf);
}

/**
 * What of a module's flash a plan erases and writes nothing into: it is blank then, whatever was there.
 *
 * @param flashBytes how large the flash is.
 */
export function blankedBy({ steps }: Plan, flashBytes = MODULE_FLASH_BYTES): Range[] {
  const isWhole = steps.some(({ op }) => op === "erase-chip");
  const erased = isWhole ? [{ start: 0, end: flashBytes }] : sectorsIn(erasesOf(steps));
  return erased.flatMap((each) => gapsIn(each, writesOf(steps))).map(rangeOf);
}

/** What each erase of a plan names. */
export const erasesOf = (steps: Plan["steps"]): Extent[] =>
  steps.flatMap((step) => (step.op === "erase" ? [{ start: step.start, end: step.end }] : []));

/** What each write of a plan fills. */
export const writesOf = (steps: Plan["steps"]): Extent[] =>
  steps.flatMap((step) => (step.op === "write" ? [{ start: step.address, end: step.address + step.bytes }] : []));

/** A vendor's ini names its files in whatever order. */
export const inOrder = (extents: readonly Extent[]): Extent[] =>
  [...extents].sort((one, other) => one.start - other.start);

/** The whole sectors that they touch; neighbours become one. */
export const sectorsIn = (extents: readonly Extent[]): Extent[] =>
  sectorsOf(inOrder(extents).map(({ start, end }) => ({ address: start, bytes: { length: end - start } })));

/** What of `whole` lies in none of `taken`. */
export function gapsIn(whole: Extent, taken: readonly Extent[]): Extent[] {
  const gaps: Extent[] = [];
  let at = whole.start;
  for (const { start, end } of inOrder(taken)) {
    if (Math.min(start, whole.end) > at) gaps.push({ start: at, end: Math.min(start, whole.end) });
    at = Math.max(at, end);
  }
  if (whole.end > at) gaps.push({ start: at, end: whole.end });
  return gaps;
}

const rangeOf = ({ start, end }: Extent): Range => ({ address: start, bytes: end - start });
