import { HarnessError } from "../../base/errors.js";
import { didYouMean } from "../../base/nearest.js";
import { STRAP_AXES, type StrapAxis } from "../../base/strap-timing.js";
import { wholeMicroseconds } from "../../base/time.js";

const MOST_MS = 10_000;
const LEAST_MS = 0.001;
const MOST_VALUES = 1000;
/** From this ratio on a range spans decades. */
const DECADE = 10;
/** Digits of a value within such a range, so that names stay short: enough to tell a thousand of them apart. */
const DIGITS = 4;

export type Axes = ReadonlyMap<StrapAxis, readonly number[]>;

/**
 * The axes of `--axis`, each with its values in their order: `resetMs=5,10,50`, or so many from one to another,
 * `resetMs=5..200:10`, in even ratios where the range spans a decade, else in even steps.
 *
 * @throws HarnessError USAGE
 */
export function axesOf(texts: readonly string[]): Axes {
  const axes = new Map<StrapAxis, readonly number[]>();
  for (const text of texts) {
    const [, name = "", given] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    if (given === undefined) throw wrong(text, `expected ${STRAP_AXES.join(", ")} with values, ${EXAMPLES}`);
    const axis = STRAP_AXES.find((each) => each === name);
    if (axis === undefined)
      throw wrong(
        text,
        `there is no axis ${JSON.stringify(name)}: expected one of ${STRAP_AXES.join(", ")}${didYouMean(name, STRAP_AXES)}`,
      );
    if (axes.has(axis)) throw wrong(text, `${axis} is given twice; write all its values into one, ${EXAMPLES}`);
    axes.set(
      axis,
      [...new Set(valuesOf(text, given))].sort((a, b) => a - b),
    );
  }
  return axes;
}

const EXAMPLES = "as resetMs=5,10,50 or resetMs=5..200:10";

function valuesOf(text: string, given: string): number[] {
  if (!given.includes("..")) return given.split(",").map((each) => numberOf(text, each));
  const [, first = "", last = "", many] = /^(.*?)\.\.([^:]*)(?::(.*))?$/s.exec(given) ?? [];
  const [from, to] = [numberOf(text, first), numberOf(text, last)];
  const count = /^\d+$/.test(many ?? "") ? Number(many) : Number.NaN;
  if (!(count >= 1 && count <= MOST_VALUES))
    throw wrong(text, `expected how many values behind a colon, from 1 to ${MOST_VALUES}, ${EXAMPLES}`);
  if (from > to) throw wrong(text, `a range goes upwards: ${to}..${from}`);
  return Array.from({ length: count }, (_, index) => between(from, to, count === 1 ? 0 : index / (count - 1)));
}

/** The ends are as they were given. */
function between(from: number, to: number, part: number): number {
  if (part === 0) return from;
  if (part === 1) return to;
  const isWide = from > 0 && to / from >= DECADE;
  const value = isWide ? Number((from * (to / from) ** part).toPrecision(DIGITS)) : from + (to - from) * part;
  return Math.min(to, Math.max(from, wholeMicroseconds(value)));
}

function numberOf(text: string, given: string): number {
  const value = /^\d+(\.\d+)?$/.test(given) ? Number(given) : Number.NaN;
  if (value === 0 || (value >= LEAST_MS && value <= MOST_MS)) return value;
  throw wrong(text, `expected milliseconds, 0 or from ${LEAST_MS} to ${MOST_MS}, got ${JSON.stringify(given)}`);
}

const wrong = (text: string, what: string): HarnessError => new HarnessError("USAGE", `--axis ${text}: ${what}`);
