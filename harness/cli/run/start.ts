import pkg from "../../../package.json" with { type: "json" };
import type { Fact } from "../../base/events.js";
import { keptOf } from "../options/kept.js";
import type { Wanted } from "./crews.js";
import type { Place } from "./outputs.js";
import type { Planned } from "./plan.js";
import { doneIn, type Resumed } from "./resume.js";

interface Start {
  readonly place: Place;
  readonly resumed: Resumed | undefined;
  /** As `run.started` has them. */
  readonly firmwares: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  /** What stands there beside or in place of what is told of every run. */
  readonly more?: Partial<Extract<Fact, { type: "run.started" }>> | undefined;
}

/** Tells that a run begins, or goes on, and which files of scenarios broke before it did. */
export function tellStart(
  { cases, refused, plan }: Planned,
  on: readonly { readonly name: string; readonly simulated: boolean }[],
  args: Pick<Wanted, "seed"> & { readonly shard?: { readonly index: number; readonly of: number } | undefined },
  { place, resumed, firmwares, files, more }: Start,
  emit: (fact: Fact, atMs: number) => void,
): void {
  const { seed, shard } = args;
  const rigs = on.map(({ name }) => name);
  const atMs = resumed?.atMs ?? 0;
  if (resumed === undefined) {
    const { wallTime, runId } = place;
    const simulated = on.filter((rig) => rig.simulated).map(({ name }) => name);
    const facts = {
      wallTime,
      runId,
      harness: pkg.version,
      seed,
      rigs,
      simulated,
      cases: cases.length + refused.length,
    };
    const part = shard === undefined ? {} : { shard };
    emit({ type: "run.started", ...facts, plan, firmwares, files, ...part, options: { ...keptOf(args) }, ...more }, 0);
  } else emit({ type: "run.resumed", wallTime: new Date().toISOString() }, atMs);
  const done = resumed === undefined ? new Set<string>() : doneIn(resumed.summary);
  for (const { name, fault } of refused) {
    if (done.has(name)) continue;
    const where = { case: name, scenario: "load", rig: rigs[0] ?? "" };
    emit({ type: "case.started", ...where, properties: {} }, atMs);
    emit({ type: "case.ended", ...where, verdict: "broken", fault }, atMs);
  }
}
