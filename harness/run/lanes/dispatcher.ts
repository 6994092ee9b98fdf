import { count } from "../../base/count.js";
import type { Fact } from "../../base/events.js";
import type { Chosen } from "./choose.js";
import type { Crew, LaneRig } from "./crew.js";
import { Tries } from "./tries.js";

export interface Dispatch {
  readonly cases: readonly Chosen[];
  readonly crews: readonly Crew[];
  readonly emit: (fact: Fact, atMs: number) => void;
  /** Aborts when the operator calls the run off. */
  readonly signal: AbortSignal;
  /** After so many failed or broken cases the rest is skipped. */
  readonly maxFailures: number;
  /** So many there were before, of a run that goes on. */
  readonly failures: number;
  /** So often a case that did not pass begins once more. */
  readonly retries: number;
  /** No case begins on a rig after this time of its clock, in ms; `shown`: as the user wrote it. */
  readonly budget: { readonly ms: number; readonly shown: string } | undefined;
  /** Cases that are not run, by their names in this run, with the reason. */
  readonly quarantined: ReadonlyMap<string, string>;
}

/**
 * Hands the cases to the lanes, one at a time to each, in their order; a case goes to the first free rig that has what
 * it needs, and one that was broken by its rig once more to another. Nothing that a case does can stop it, and every case
 * gets a verdict, unless the run is called off.
 */
export async function dispatch({ cases, crews, emit, signal, maxFailures, ...rules }: Dispatch): Promise<void> {
  const { retries, budget, quarantined } = rules;
  let { failures } = rules;
  const queue = cases.map((one) => new Tries(one, retries));
  let busy = 0;
  const waiting: (() => void)[] = [];
  const ended = ({ one, before, number }: Tries, crew: Crew | undefined, reason: string) => {
    const place = { case: one.as, scenario: one.scenario, rig: before?.rig ?? crew?.rig.name ?? "" };
    const atMs = crew?.nowMs ?? 0;
    if (number === 1) emit({ type: "case.started", ...place, properties: {} }, atMs);
    emit({ type: "case.ended", ...place, ...(before?.outcome ?? { verdict: "skipped", reason }) }, atMs);
  };
  const canWork = (crew: Crew) => !crew.retired && crew.unfit === undefined && !isOver(crew, budget);
  const fits = (tries: Tries, crew: Crew) => canWork(crew) && lacks(tries.one, crew.rig).length === 0;
  /** One that its rig has broken goes to another, as long as there is one. */
  const others = (tries: Tries) => crews.filter((crew) => fits(tries, crew) && !tries.brokenOn.has(crew.rig.name));
  const next = (crew: Crew): Tries | undefined => {
    const at = queue.findIndex((tries) => {
      if (!fits(tries, crew)) return false;
      return !tries.brokenOn.has(crew.rig.name) || others(tries).length === 0;
    });
    return at < 0 ? undefined : queue.splice(at, 1)[0];
  };
  const work = async (crew: Crew) => {
    while (!signal.aborted && failures < maxFailures && canWork(crew)) {
      const tries = next(crew);
      if (tries === undefined) {
        if (busy === 0) return;
        // What is under way elsewhere may come here.
        await new Promise<void>((done) => waiting.push(done));
        continue;
      }
      const reason = quarantined.get(tries.one.as);
      if (reason !== undefined) {
        ended(tries, crew, reason);
        continue;
      }
      busy++;
      const { again, outcome } = await crew.run(tries.one, {
        number: tries.number,
        settle: (came) => tries.settle(came, crew.rig.name, signal.aborted, () => others(tries).length > 0),
      });
      if (again) queue.unshift(tries);
      else if (outcome.verdict === "failed" || outcome.verdict === "broken") failures++;
      busy--;
      for (const done of waiting.splice(0)) done();
    }
  };
  await Promise.all(crews.map(work));
  if (signal.aborted) return;
  for (const tries of queue) {
    const fit = crews.filter(({ rig }) => lacks(tries.one, rig).length === 0);
    const [first] = fit.length > 0 ? fit : crews;
    if (failures >= maxFailures)
      ended(tries, first, `${count(failures, "case")} failed or broke before (--max-failures)`);
    else if (fit.length > 0) ended(tries, first, fit.map((crew) => whyNone(crew, budget)).join("; "));
    else ended(tries, first, whatLacks(tries.one, crews));
  }
}

const isOver = ({ nowMs }: Crew, budget: Dispatch["budget"]): boolean => budget !== undefined && nowMs >= budget.ms;

function whyNone(crew: Crew, budget: Dispatch["budget"]): string {
  if (crew.unfit !== undefined) return crew.unfit;
  if (crew.retired || budget === undefined) return `${crew.rig.name} was retired`;
  return `the time of ${crew.rig.name} was up (--time-budget ${budget.shown})`;
}

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
