import { STRAP_AXES, type StrapAxis, type StrapTiming } from "../harness/base/strap-timing.js";
import { lineOf, type MapPoint, type StrapMap } from "./strap-map.js";

/** So many pictures of two axes are drawn; programs get all. */
const MOST_SLICES = 12;
/** A difference between what was asked for and what was held that is worth a word: of the value, and in ms. */
const NEAR = 0.02;
const NEAR_MS = 0.01;

/** A map as text of fixed width, in ASCII. */
export function strapMapLines(map: StrapMap): string[] {
  return [...headOf(map), "", ...picture(map), ...heldOf(map)];
}

const LEGEND = "# success   r reset   . normal   ? no success, and a reset would not be seen   [ ] the working point";

function headOf({ working, margins, points }: StrapMap): string[] {
  const told =
    working === null
      ? "the working point was not judged"
      : `the working point, ${tellTiming(working.asked)}: ${working.result}${oftenOf(working, " in ", " of ", " tries")}`;
  const lines = STRAP_AXES.filter((axis) => isSwept(points, axis));
  const width = Math.max(0, ...lines.map((axis) => axis.length));
  return [
    `strap timing, ${points.length} points; ${told}`,
    ...(margins === null ? [] : lines.map((axis) => `  ${axis.padEnd(width)}  ${tellMargin(margins[axis])}`)),
  ];
}

const tellTiming = (timing: StrapTiming): string => STRAP_AXES.map((axis) => `${axis} ${timing[axis]}`).join(", ");

function tellMargin({ below, above }: NonNullable<StrapMap["margins"]>[StrapAxis]): string {
  const told = (side: typeof below, way: string): string => {
    if (side === null) return `nothing tried ${way === "down" ? "below" : "above"}`;
    if (side.fails === null) return `${way} to ${side.succeeds}, unlimited within the sweep`;
    return `${way} to ${side.succeeds} (${side.fails}: ${side.result})`;
  };
  return `${told(below, "down")}; ${told(above, "up")}`;
}

/** How often it came to its result, where not always. */
const oftenOf = ({ results, result, tries }: MapPoint, before: string, between: string, after = ""): string =>
  results[result] === tries ? "" : `${before}${results[result]}${between}${tries}${after}`;

const isSwept = (points: readonly MapPoint[], axis: StrapAxis): boolean =>
  new Set(points.map(({ asked }) => asked[axis])).size > 1;

function picture(map: StrapMap): string[] {
  const { points, working } = map;
  const swept = STRAP_AXES.filter((axis) => isSwept(points, axis));
  const base = working ?? points[0];
  if (base === undefined) return [];
  const lines = (swept.length === 0 ? [STRAP_AXES[0]] : swept).map(
    (axis) => [axis, lineOf(points, base, axis)] as const,
  );
  const isStar = new Set(lines.flatMap(([, line]) => line)).size === points.length;
  if (!isStar) return [...slices(map, swept), "", LEGEND];
  const width = Math.max(...lines.map(([axis]) => axis.length));
  return [
    ...lines.map(
      ([axis, line]) =>
        `${axis.padEnd(width)}  ${line.map((each) => `${each.asked[axis]} ${markOf(each, working)}`).join("  ")}`,
    ),
    "",
    LEGEND,
  ];
}

function markOf(point: MapPoint, working: MapPoint | null): string {
  const mark = point.result === "success" ? "#" : point.result === "reset" ? "r" : point.observed ? "." : "?";
  const shown = point === working ? `[${mark}]` : mark;
  return `${shown}${oftenOf(point, "", "/")}`;
}

/** Two axes at a time, one picture for each combination of the others. */
function slices({ points, working }: StrapMap, swept: readonly StrapAxis[]): string[] {
  const [down = "resetMs", across = "setupMs", ...others] = swept;
  const groups = new Map<string, MapPoint[]>();
  for (const point of points) {
    const key = others.map((axis) => `${axis} ${point.asked[axis]}`).join(", ");
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(point);
  }
  const shown = [...groups].slice(0, MOST_SLICES);
  const pictures = shown.map(([key, group]) => [
    ...(key === "" ? [] : [`${key}:`]),
    ...gridOf(group, working, down, across),
  ]);
  const rest = groups.size - shown.length;
  return [
    ...pictures.flatMap((lines, index) => (index === 0 ? lines : ["", ...lines])),
    ...(rest > 0 ? ["", `and ${rest} more of these: see --json`] : []),
  ];
}

function gridOf(points: readonly MapPoint[], working: MapPoint | null, down: StrapAxis, across: StrapAxis): string[] {
  const valuesOf = (axis: StrapAxis) => [...new Set(points.map(({ asked }) => asked[axis]))].sort((a, b) => a - b);
  const columns = valuesOf(across);
  const cell = (row: number, column: number): string => {
    const point = points.find(({ asked }) => asked[down] === row && asked[across] === column);
    return point === undefined ? "" : markOf(point, working);
  };
  const table = [
    [`${down} \\ ${across}`, ...columns.map(String)],
    ...valuesOf(down).map((row) => [String(row), ...columns.map((column) => cell(row, column))]),
  ];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => (row[column] ?? "").length))) ?? [];
  return table.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** Where the lines were not held as was asked for. */
function heldOf({ points }: StrapMap): string[] {
  const lines = STRAP_AXES.flatMap((axis) => {
    const off = points.filter(
      ({ asked, held }) => held[axis].max - asked[axis] > Math.max(NEAR_MS, NEAR * asked[axis]),
    );
    const seen = new Map(off.map((point) => [point.asked[axis], point]));
    return [...seen.values()]
      .sort((one, other) => one.asked[axis] - other.asked[axis])
      .map(
        ({ asked, held, withinMs }) =>
          `  ${axis} ${asked[axis]}: held ${held[axis].min} to ${held[axis].max}, and up to ${withinMs} more`,
      );
  });
  return lines.length === 0 ? [] : ["", "held longer than was asked for, in ms:", ...lines];
}
