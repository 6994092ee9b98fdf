import { STRAP_AXES, STRAP_SCENARIO, type StrapAxis } from "../../harness/base/strap-timing.js";
import { lineOf, type MapPoint, type StrapMap, strapMapOf } from "../strap-map.js";
import { strapMapLines } from "../strap-map-text.js";
import type { PageRun } from "./run.js";
import { Pre, Section, Wide } from "./words.js";

/** So many pictures of two axes, of so many values each way, are drawn; the text and --json have more. */
const MOST_SLICES = 8;
const MOST_VALUES = 60;
const MOST_LINES = 400;

/** Which strap timings lead into the boot ROM. */
export const Straps = ({ run }: { readonly run: PageRun }) => {
  const map = strapMapOf(run.rows(({ scenario }) => scenario === STRAP_SCENARIO));
  if (map === undefined) return null;
  const lines = strapMapLines(map);
  return (
    <Section id="straps" title="Strap timing">
      <p class="lead">
        {map.points.length} points. The working point is the one with a frame; a point whose tries came to different
        ends has the worst of them.
      </p>
      {picturesOf(map).map((picture) => (
        <Wide label={`Strap timing, ${picture.title}`}>
          <table class="map">
            <caption>{picture.title}</caption>
            <tbody>
              {picture.rows.map(({ name, cells }) => (
                <tr>
                  <th scope="row">{name}</th>
                  {cells.map((point) =>
                    point === undefined ? (
                      <td class="empty" />
                    ) : (
                      <td
                        class={`${lookOf(point)}${point === map.working ? " working" : ""}`}
                        title={point.evidence.slice(0, 300)}
                      >
                        <span aria-hidden="true">{SIGN[lookOf(point)]}</span> {picture.valueOf(point)}
                        <span class="unseen"> {point.result}</span>
                      </td>
                    ),
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      ))}
      <p class="legend">
        <span class="key success">✓ boot ROM</span> <span class="key reset">r reset, no answer</span>{" "}
        <span class="key normal">· runs on</span>{" "}
        <span class="key unsure">? no success, a reset would not be seen</span>
      </p>
      <details>
        <summary>as text, with the margins</summary>
        <Pre>
          {lines.slice(0, MOST_LINES).join("\n")}
          {lines.length > MOST_LINES && `\nand ${lines.length - MOST_LINES} more lines: see sweep --json`}
        </Pre>
      </details>
    </Section>
  );
};

type Look = "success" | "reset" | "normal" | "unsure";
const SIGN: Readonly<Record<Look, string>> = { success: "✓", reset: "r", normal: "·", unsure: "?" };
const lookOf = ({ result, observed }: MapPoint): Look => (result === "normal" && !observed ? "unsure" : result);

interface Picture {
  readonly title: string;
  readonly rows: readonly { readonly name: string; readonly cells: readonly (MapPoint | undefined)[] }[];
  readonly valueOf: (point: MapPoint) => string;
}

/** A line for each axis where the others stay at the working point; else two axes at a time. */
function picturesOf({ points, working }: StrapMap): Picture[] {
  const valuesOf = (axis: StrapAxis, among: readonly MapPoint[] = points) =>
    [...new Set(among.map(({ asked }) => asked[axis]))].sort((a, b) => a - b).slice(0, MOST_VALUES);
  const swept = STRAP_AXES.filter((axis) => valuesOf(axis).length > 1);
  const base = working ?? points[0];
  if (base === undefined) return [];
  const lines = (swept.length === 0 ? [STRAP_AXES[0]] : swept).map(
    (axis) => [axis, lineOf(points, base, axis)] as const,
  );
  if (new Set(lines.flatMap(([, line]) => line)).size === points.length)
    return lines.map(([axis, line]) => ({
      title: axis,
      rows: [{ name: "ms", cells: line.slice(0, MOST_VALUES) }],
      valueOf: ({ asked }) => `${asked[axis]}`,
    }));
  const [down = "resetMs", across = "setupMs", ...others] = swept;
  const slices = groupedBy(points, others);
  return [...slices].slice(0, MOST_SLICES).map(([key, group]) => ({
    title: [`${down} down, ${across} across`, ...(key === "" ? [] : [key])].join("; "),
    rows: valuesOf(down, group).map((row) => ({
      name: `${row}`,
      cells: valuesOf(across).map((column) =>
        group.find(({ asked }) => asked[down] === row && asked[across] === column),
      ),
    })),
    valueOf: ({ asked }) => `${asked[across]}`,
  }));
}

function groupedBy(points: readonly MapPoint[], axes: readonly StrapAxis[]): Map<string, MapPoint[]> {
  const groups = new Map<string, MapPoint[]>();
  for (const point of points) {
    const key = axes.map((axis) => `${axis} ${point.asked[axis]}`).join(", ");
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(point);
  }
  return groups;
}
