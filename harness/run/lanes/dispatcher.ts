import { count } from "../../base/count.js";
import type { Fact } from "../../base/events.js";
import type { Chosen } from "./choose.js";
import type { Crew, LaneRig } from "./crew.js";

export interface Dispatch {
  readonly cases: readonly Chosen[];
  readonly crews: readonly Crew[];
  readonly emit: (fact: Fact, atMs: number) => void;
  /** Aborts when the operator calls the run off. */
  readonly signal: AbortSignal;
  /** After so many failed or broken cases the rest is skipped. */
  readonly maxFailures: number;
}

/**
 * Hands the cases to the lanes, one at a time to each, in their order; a case goes to the first free rig that has what
 * it needs. Nothing that a case does can stop it, and every case gets a verdict, unless the run is called off.
 */
export async function dispatch({ cases, crews, emit, signal, maxFailures }: Dispatch): Promise<void> {
  const queue = [...cases];
  let failures = 0;
  const skip = (one: Chosen, crew: Crew | undefined, reason: string) => {
    const place = { case: one.as, scenario: one.scenario, rig: crew?.rig.name ?? "" };
    const atMs = crew?.nowMs ?? 0;
    emit({ type: "case.started", ...place, properties: {} }, atMs);
    emit({ type: "case.ended", ...place, verdict: "skipped", reason }, atMs);
  };
  const next = (crew: Crew): Chosen | undefined => {
    const at = queue.findIndex((one) => lacks(one, crew.rig).length === 0);
    return at < 0 ? undefined : queue.splice(at, 1)[0];
  };
  const work = async (crew: Crew) => {
    for (;;) {
      if (signal.aborted || crew.retired || crew.unfit !== undefined) return;
      if (failures >= maxFailures) return;
      const one = next(crew);
      if (one === undefined) return;
      const { verdict } = await crew.run(one);
      if (verdict === "failed" || verdict === "broken") failures++;
    }
  };
  await Promise.all(crews.map(work));
  if (signal.aborted) return;
  for (const one of queue) {
    const fit = crews.filter(({ rig }) => lacks(one, rig).length === 0);
    const [first] = fit.length > 0 ? fit : crews;
    if (failures >= maxFailures) skip(one, first, `${count(failures, "case")} failed or broke before (--max-failures)`);
    else if (fit.length > 0) skip(one, first, fit.map(whyNone).join("; "));
    else skip(one, first, whatLacks(one, crews));
  }
}

const whyNone = ({ rig, unfit }: Crew): string => unfit ?? `${rig.name} was retired`;

const lacks = ({ needs }: Chosen, { has }: LaneRig): string[] => needs.filter((need) => !has.includes(need));

const WORDS: ReadonlyMap<string, string> = new Map([
  ["lines", "does not drive BOOT and CHIP_EN"],
  ["power", "has no power switch"],
  ["ready", "has no input for SPI_RDY"],
  ["sim", "is not simulated"],
]);

function whatLacks(one: Chosen, crews: readonly Crew[]): string {
  const told = crews.map(({ rig }) => {
    const missing = lacks(one, rig).map((need) => WORDS.get(need) ?? `is not labelled ${need}`);
    return `${rig.name} ${missing.join(" and ")}`;
  });
  return told.join("; ");
}
