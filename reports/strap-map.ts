import {
  STRAP_AXES,
  STRAP_RESULTS,
  type StrapAxis,
  type StrapPoint,
  type StrapResult,
  type StrapTiming,
} from "../harness/base/strap-timing.js";
import type { Row } from "./row.js";

/** One strap sequence, all times that it was tried. */
export interface MapPoint {
  readonly asked: StrapTiming;
  /** The shortest and the longest that was held; it may have been longer by `withinMs`. */
  readonly held: Readonly<Record<StrapAxis, { readonly min: number; readonly max: number }>>;
  readonly withinMs: number;
  /** The worst: `normal` is farther from a success than `reset`. */
  readonly result: StrapResult;
  /** So often it came to each. */
  readonly results: Readonly<Record<StrapResult, number>>;
  readonly tries: number;
  /** `false`: a reset may have been among what is called normal. */
  readonly observed: boolean;
  /** Of the first that came to the worst. */
  readonly evidence: string;
}

/** How far one may go from the working point before there is something else than a success. */
interface Side {
  /** The last value at which all tries were successes. */
  readonly succeeds: number;
  /** The next one, at which not all were; `null`: the sweep ends before. */
  readonly fails: number | null;
  readonly result: StrapResult | null;
}

/** `null`: nothing was tried on that side. */
interface Margin {
  readonly below: Side | null;
  readonly above: Side | null;
}

/** What is known of the strap of one module on one rig. */
export interface StrapMap {
  /** Ordered by their times. */
  readonly points: readonly MapPoint[];
  readonly working: MapPoint | null;
  /** `null` where the working point itself is no success, or was not judged. */
  readonly margins: Readonly<Record<StrapAxis, Margin>> | null;
}

/** @param rows of a run. @returns `undefined` where no strap sequence was tried. */
export function strapMapOf(rows: Iterable<Row>): StrapMap | undefined {
  const tried = new Map<string, StrapPoint[]>();
  for (const { straps = [] } of rows)
    for (const point of straps) {
      const key = STRAP_AXES.map((axis) => point.asked[axis]).join(" ");
      const all = tried.get(key) ?? [];
      tried.set(key, all);
      all.push(point);
    }
  if (tried.size === 0) return undefined;
  const all = [...tried.values()];
  const points = all.map(pointOf).sort(byTimes);
  const found = all.find(([first]) => first?.working);
  const working = (found && points.find(({ asked }) => asked === found[0]?.asked)) ?? null;
  return { points, working, margins: working?.result === "success" ? marginsOf(points, working) : null };
}

const byTimes = (one: MapPoint, other: MapPoint): number =>
  STRAP_AXES.map((axis) => one.asked[axis] - other.asked[axis]).find((difference) => difference !== 0) ?? 0;

function pointOf(all: readonly StrapPoint[]): MapPoint {
  const [first] = all as readonly [StrapPoint];
  const worst = all.reduce((one, other) => (badness(other) > badness(one) ? other : one));
  const held = Object.fromEntries(STRAP_AXES.map((axis) => [axis, rangeOf(all.map((point) => point.held[axis]))]));
  const results = STRAP_RESULTS.map((result) => [result, all.filter((point) => point.result === result).length]);
  return {
    asked: first.asked,
    held: held as MapPoint["held"],
    withinMs: Math.max(...all.map(({ withinMs }) => withinMs)),
    result: worst.result,
    results: Object.fromEntries(results) as MapPoint["results"],
    tries: all.length,
    observed: all.every(({ observed }) => observed),
    evidence: worst.evidence,
  };
}

const badness = ({ result }: StrapPoint): number => STRAP_RESULTS.indexOf(result);

const rangeOf = (all: readonly number[]) => ({ min: Math.min(...all), max: Math.max(...all) });

/** The points that differ from the working one in this axis alone, in their order, itself among them. */
export const lineOf = (points: readonly MapPoint[], { asked }: Pick<MapPoint, "asked">, axis: StrapAxis): MapPoint[] =>
  points.filter((point) => STRAP_AXES.every((other) => other === axis || point.asked[other] === asked[other]));

function marginsOf(points: readonly MapPoint[], working: MapPoint): StrapMap["margins"] {
  const of = (axis: StrapAxis): Margin => {
    const line = lineOf(points, working, axis);
    const at = line.indexOf(working);
    return {
      below: sideOf(line.slice(0, at).reverse(), working, axis),
      above: sideOf(line.slice(at + 1), working, axis),
    };
  };
  return Object.fromEntries(STRAP_AXES.map((axis) => [axis, of(axis)])) as StrapMap["margins"];
}

/** @param outward from the working point on. */
function sideOf(outward: readonly MapPoint[], working: MapPoint, axis: StrapAxis): Side | null {
  if (outward.length === 0) return null;
  const edge = outward.findIndex(({ result }) => result !== "success");
  const last = edge < 0 ? outward.at(-1) : outward[edge - 1];
  const next = edge < 0 ? undefined : outward[edge];
  return {
    succeeds: (last ?? working).asked[axis],
    fails: next?.asked[axis] ?? null,
    result: next?.result ?? null,
  };
}
