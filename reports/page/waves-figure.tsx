import { count } from "../../harness/base/count.js";
import type { Stretch, Waves } from "./waves.js";
import { short, time } from "./words.js";

/** Height of a lane in pixels, of which so much is left free above and below. */
const LANE = 24;
const FREE = 5;
const AXIS = 22;
const TICKS = 5;

/**
 * Lines, stages and bytes on one axis. The picture is stretched across whatever width there is; what is zoomed is its
 * `viewBox`, by the page's script, so it is whole without it.
 */
export const WavesFigure = ({ waves, label }: { readonly waves: Waves; readonly label: string }) => {
  const { end, levels, activity, stages, rises, joined } = waves;
  const lanes = ["stage", ...levels.map(({ name }) => name), ...activity.map(({ name }) => name)];
  const height = lanes.length * LANE;
  const top = (lane: number) => lane * LANE + FREE;
  const bottom = (lane: number) => (lane + 1) * LANE - FREE;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it is zoomed by keys
    <figure class="waves" tabIndex={0} aria-label={`${label}: keys plus, minus, left, right, 0`} data-end={end}>
      <div class="zoom" hidden>
        <button type="button" data-zoom="whole">
          whole
        </button>
        <button type="button" data-zoom="in" aria-label="closer">
          +
        </button>
        <button type="button" data-zoom="out" aria-label="farther">
          −
        </button>
        <button type="button" data-zoom="left" aria-label="earlier">
          ◀
        </button>
        <button type="button" data-zoom="right" aria-label="later">
          ▶
        </button>
        {rises.map(({ start, end: last }, index) => (
          <button type="button" data-zoom={`${start} ${last}`}>
            reset {index + 1}
          </button>
        ))}
      </div>
      <div class="lanes">
        <ul aria-hidden="true">
          {lanes.map((lane) => (
            <li>{lane}</li>
          ))}
        </ul>
        <svg width="100%" height={height + AXIS} role="img" aria-label={toldOf(waves)}>
          <svg
            class="plot"
            aria-hidden="true"
            width="100%"
            height={height}
            viewBox={`0 0 ${end} ${height}`}
            preserveAspectRatio="none"
          >
            {stages.map((stage, index) => (
              <path class={index % 2 === 0 ? "stage even" : "stage"} d={stagePath(stage)}>
                <title>
                  {short(stage.name, 60)}: {time((stage.end - stage.start) / 1000)}
                </title>
              </path>
            ))}
            {levels.map(({ changes }, index) => (
              <path class="level" d={levelPath(changes, end, top(index + 1), bottom(index + 1))} />
            ))}
            {activity.map(({ stretches }, index) => (
              <path
                class={index === 0 ? "host" : "module"}
                d={activityPath(stretches, (top(1 + levels.length + index) + bottom(1 + levels.length + index)) / 2)}
              />
            ))}
          </svg>
          <g class="axis">
            {Array.from({ length: TICKS }, (_, index) => (
              <text
                x={`${(100 * index) / (TICKS - 1)}%`}
                y={height + 15}
                text-anchor={index === 0 ? "start" : index === TICKS - 1 ? "end" : "middle"}
              >
                {time((end * index) / (TICKS - 1) / 1000)}
              </text>
            ))}
          </g>
        </svg>
      </div>
      <figcaption>
        High is asserted; for CHIP_EN that is running.{" "}
        {joined > 1000 && `Bytes less than ${time(joined / 1000)} apart are drawn as one, but near a reset.`}
      </figcaption>
    </figure>
  );
};

const toldOf = ({ end, levels, activity }: Waves): string =>
  [
    time(end / 1000),
    ...levels.map(({ name, changes }) => `${name} changes ${count(changes.length, "time")}`),
    ...activity.map(({ name, bytes }) => `${name} ${bytes} bytes`),
  ].join("; ");

function levelPath(changes: Waves["levels"][number]["changes"], end: number, high: number, low: number): string {
  const y = (isHigh: boolean) => (isHigh ? high : low);
  const [first, ...more] = changes;
  if (first === undefined) return "";
  return `M${first.at} ${y(first.high)}${more.map(({ at, high: isHigh }) => `H${at}V${y(isHigh)}`).join("")}H${end}`;
}

/** A path: browsers cut the `x` of a rectangle off at 2^25, and that is half a minute. */
const stagePath = ({ start, end }: Stretch): string => {
  const width = Math.max(1, end - start);
  return `M${start} 3h${width}v${LANE - 6}h-${width}z`;
};

/** Strokes, as thick as a lane by the style: half the characters of rectangles. */
function activityPath(stretches: readonly Stretch[], y: number): string {
  let at = 0;
  const pieces = stretches.map(({ start, end }, index) => {
    const moved = index === 0 ? `M${start} ${y}` : `m${start - at} 0`;
    at = end;
    return `${moved}h${end - start}`;
  });
  return pieces.join("");
}
