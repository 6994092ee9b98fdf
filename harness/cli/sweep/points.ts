import { HarnessError } from "../../base/errors.js";
import { randomOf } from "../../base/random.js";
import { isSameTiming, STRAP_AXES, type StrapTiming } from "../../base/strap-timing.js";
import type { Axes } from "../options/axes.js";

const MOST_POINTS = 10_000;

/**
 * What is tried without any `--axis`, one line each through the working point. Public drivers hold CHIP_EN low for 1, 50 or
 * 100 ms, and nobody has published the limit: it begins below.
 */
const LINES: Axes = new Map([
  ["resetMs", [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200]],
  ["setupMs", [0, 0.05, 0.2, 0.5, 1, 5, 20, 50, 150]],
  ["holdMs", [0, 0.05, 0.2, 0.5, 1, 2, 5, 10, 50, 200]],
  ["delayMs", [0, 1, 2, 5, 10, 20, 50, 200, 500, 1000]],
]);

/**
 * The strap sequences to try: all combinations of the values of the axes that were given and of the working point's own, so
 * that there are margins around it; without any axis, a line along each. Their order is drawn, so that no drift of module or
 * rig looks like an axis.
 *
 * @param repeat rounds over all of them: they count.
 * @throws HarnessError USAGE for too many.
 */
export function pointsOf(axes: Axes, working: StrapTiming, seed: number, repeat: number): StrapTiming[] {
  const wanted: Axes = new Map([...axes].map(([axis, values]) => [axis, [...new Set([working[axis], ...values])]]));
  const many = [...wanted.values()].reduce((product, { length }) => product * length, repeat);
  if (many > MOST_POINTS)
    throw new HarnessError("USAGE", `--axis and --repeat make ${many} points, expected ${MOST_POINTS} at most`);
  const found = axes.size > 0 ? grid(wanted, working) : [...LINES].flatMap((line) => grid(new Map([line]), working));
  const points = [working, ...found.filter((point) => !isSameTiming(point, working))];
  return shuffled(points, randomOf(seed, "sweep"));
}

const grid = (axes: Axes, working: StrapTiming): StrapTiming[] =>
  STRAP_AXES.reduce<StrapTiming[]>(
    (points, axis) =>
      points.flatMap((point) => axes.get(axis)?.map((value) => ({ ...point, [axis]: value })) ?? [point]),
    [working],
  );

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  const rest = [...all];
  return all.flatMap(() => rest.splice(Math.floor(random() * rest.length), 1));
}
