import { statSync } from "node:fs";
import type { Plan } from "../../harness/flash/plan.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";
import { readTrace } from "../../harness/trace/read.js";
import { Recorder } from "../../harness/trace/recorder.js";
import { withTrace } from "../../harness/trace/traced-rig.js";
import { simBench } from "../support/bench.js";
import { collectGarbage } from "../support/garbage.js";
import { type Scratch, scratch } from "../support/scratch.js";
import { SIDE } from "../support/trace.js";

interface TraceCosts {
  /** CPU time of a flash with the simulated module, not recorded: the median. */
  readonly withoutMs: number;
  /** And what it takes more when it is recorded: the median of the pairs' differences, and the quartiles. */
  readonly moreMs: readonly [lower: number, median: number, upper: number];
  /** CPU time of writing down the same records once more, and nothing else: the median. */
  readonly aloneMs: number;
  /** What the flash takes on the module's clock. */
  readonly flashMs: number;
  readonly bytes: number;
}

/** What it costs to record a flash: the medians of so many pairs, with and without in turn. */
export async function traceCosts(plan: Plan, pairs: number): Promise<TraceCosts> {
  using folder = scratch();
  const without: number[] = [];
  const more: number[] = [];
  const flashMs = await flash(plan, folder, false);
  await flash(plan, folder, true);
  for (let pair = 0; pair < pairs; pair++) {
    const took = { with: 0, without: 0 };
    for (const isTraced of pair % 2 === 0 ? [true, false] : [false, true]) {
      collectGarbage();
      const before = process.cpuUsage();
      await flash(plan, folder, isTraced);
      const { user, system } = process.cpuUsage(before);
      took[isTraced ? "with" : "without"] = (user + system) / 1000;
    }
    without.push(took.without);
    more.push(took.with - took.without);
  }
  const { header, records } = readTrace(folder.file("t.jsonl"));
  const alone = Array.from({ length: pairs }, () => {
    const before = process.cpuUsage();
    using recorder = new Recorder(folder.file("again.jsonl"), header, new VirtualClock());
    for (const record of records) {
      if (record.type === "bytes") recorder.bytes(record.from, record.data);
      else recorder.mark(record);
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  const { size: bytes } = statSync(folder.file("t.jsonl"));
  return {
    withoutMs: at(without, 0.5),
    moreMs: [at(more, 0.25), at(more, 0.5), at(more, 0.75)],
    aloneMs: at(alone, 0.5),
    flashMs,
    bytes,
  };
}

async function flash(plan: Plan, folder: Scratch, isTraced: boolean): Promise<number> {
  const { rig, deadline, clock } = simBench();
  using recorder = isTraced ? new Recorder(folder.file("t.jsonl"), SIDE, clock) : undefined;
  const session = await openModule(recorder === undefined ? rig : withTrace(rig, recorder), deadline);
  await programModule(session, plan, deadline);
  return clock.now();
}

const at = (all: readonly number[], part: number): number =>
  all.toSorted((a, b) => a - b)[Math.floor(all.length * part)] ?? Number.NaN;
