import { ASIDES } from "../../harness/base/events.js";
import type { TimedStage } from "./run.js";
import { short, time } from "./words.js";

/** So many stages are drawn: the first ones and the last one. */
const MOST = 40;

/** When each stage of a case was, on one axis. */
export const Timeline = ({ stages }: { readonly stages: readonly TimedStage[] }) => {
  if (stages.length === 0) return null;
  const shown = stages.length <= MOST ? stages : [...stages.slice(0, MOST - 10), ...stages.slice(-10)];
  const start = stages.reduce((least, { startMs }) => Math.min(least, startMs), Number.POSITIVE_INFINITY);
  const end = stages.reduce((most, { startMs, ms }) => Math.max(most, startMs + ms), start);
  const share = (ms: number) => `${Number(((100 * ms) / Math.max(0.001, end - start)).toFixed(2))}%`;
  return (
    <>
      <h4>
        Stages, {time(end - start)} in all
        {shown.length < stages.length && `, ${shown.length} of ${stages.length}`}
      </h4>
      <ol class="stages">
        {shown.map(({ stage, startMs, ms, bytes }) => (
          <li class={isAside(stage) ? "aside" : ""}>
            <span>{short(stage, 60)}</span>
            <svg width="100%" height="10" aria-hidden="true">
              <rect x={share(startMs - start)} width={share(ms)} height="10" />
            </svg>
            <span class="took">
              {time(ms)}
              {bytes !== undefined && ms > 0 && <small> {rate(bytes, ms)}</small>}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
};

const isAside = (stage: string): boolean => ASIDES.some((aside) => stage.startsWith(`${aside}: `));

const rate = (bytes: number, ms: number): string => `${(bytes / ms).toFixed(0)} kB/s`;
