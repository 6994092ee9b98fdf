import { CHUNK_BYTES } from "../protocol/commands.js";
import type { Of, Stage } from "./evidence.js";
import type { Run } from "./runs.js";

/** How long a stage took, and how long it usually takes, in milliseconds. */
export interface Timed {
  readonly stage: Stage;
  readonly ms: number;
  /** From the seed logs and a public log of a BL616; `undefined`: it depends on how much there is to do. */
  readonly usualMs: readonly [least: number, most: number] | undefined;
  readonly slow: boolean;
}

/**
 * Handshake: 1.3 to 1.6 s for each attempt, three at most. Boot info: the tool's pause of 500 ms is in it. Erase: a whole chip took
 * 6.3 ms, 13 sectors 165 ms.
 */
const OF_THE_TOOL: Partial<Record<Stage, readonly [number, number]>> = {
  handshake: [1300, 4800],
  "boot-info": [500, 600],
  "clock-set": [0, 20],
  "set-para": [1, 30],
};
/** On the wire alone, without the pauses of a host. */
const ON_THE_WIRE: typeof OF_THE_TOOL = { handshake: [12, 200], "boot-info": [2, 15] };
/** Each chunk of a write: 4 ms plainly on a BL616, 11 to 38 ms compressed on the module. */
const CHUNK_MS = [4, 40] as const;
const DAY_MS = 86_400_000;

/** Each stage that went well, in the order in which it did: by the tool's own measure, or else by its times. */
export function timesOf(run: Run): Timed[] {
  const times: Timed[] = [];
  let begunMs: number | undefined;
  let chunkBytes = 0;
  for (const [at, one] of run.entries()) {
    if (one.type === "stage" && (one.stage !== "handshake" || run[at - 1]?.type !== "heard")) begunMs ??= one.atMs;
    if (one.type === "chunk") chunkBytes = one.total;
    if (one.type !== "done") continue;
    const ms = one.ms ?? between(begunMs, one.atMs);
    begunMs = one.stage === "handshake" ? one.atMs : undefined;
    if (ms === undefined) continue;
    const usualMs = one.stage === "write" ? usualOfWrite(chunkBytes) : usualOf(one);
    times.push({ stage: one.stage, ms, usualMs, slow: usualMs !== undefined && ms > usualMs[1] });
  }
  return times;
}

/** What the tool does not measure it cannot tell without its own pauses. */
const usualOf = ({ stage, ms }: Of<"done">): Timed["usualMs"] =>
  (ms === undefined ? undefined : ON_THE_WIRE[stage]) ?? OF_THE_TOOL[stage];

function usualOfWrite(bytes: number): Timed["usualMs"] {
  const chunks = Math.ceil(bytes / CHUNK_BYTES);
  return chunks === 0 ? undefined : [chunks * CHUNK_MS[0], chunks * CHUNK_MS[1]];
}

/** Times of day: one may be of the next day. */
const between = (from: number | undefined, to: number | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : (to - from + DAY_MS) % DAY_MS;
