import { join } from "node:path";
import { readJournal } from "../../../reports/read.js";
import { storyIn } from "../../../reports/story.js";
import { isSimulated } from "../../../rigs/simulated.js";
import { lastResort } from "../../base/cleanup.js";
import type { Fact } from "../../base/events.js";
import type { WearBudget } from "../../history/wear-budget.js";
import type { Keep } from "../../run/context.js";
import type { Chosen } from "../../run/lanes/choose.js";
import type { Crew, Known } from "../../run/lanes/crew.js";
import { dispatch } from "../../run/lanes/dispatcher.js";
import { type Choice, selectionOf } from "../options/cases.js";
import type { Interrupt } from "../terminal/interrupt.js";
import { progressOf } from "../terminal/progress.js";
import { type Course, startedOf } from "./course.js";
import { crewsOf, type Wanted } from "./crews.js";
import { type Place, pointLatest, refuseUsed } from "./outputs.js";
import { Past, type PastArgs } from "./past.js";
import { planned } from "./plan.js";
import { type Entry, quarantined } from "./quarantine.js";
import { Record } from "./record.js";
import { reported, type Telling } from "./reported.js";
import { claim, doneIn, failuresIn, type Resumed, refuseChanged } from "./resume.js";
import { tellStart } from "./start.js";
import { TraceBudget } from "./traces.js";

/** What `run` was asked for. */
export interface RunArgs extends Wanted, Choice, PastArgs, Telling {
  readonly maxFailures?: number | undefined;
  readonly retries?: number | undefined;
  readonly timeBudget?: { readonly ms: number; readonly shown: string } | undefined;
  readonly traces: Keep;
}

/** What was read before anything was begun. */
interface Ready {
  readonly place: Place;
  readonly quarantine: readonly Entry[];
  /** The run that goes on; `undefined`: a new one. */
  readonly resumed: Resumed | undefined;
}

/**
 * One lane process a rig does the work; this one decides, writes down, reports and owns the exit code. All rigs are ours
 * from before the first case until the reports are written, or none is.
 */
export async function runOn(
  args: RunArgs,
  { place, quarantine, resumed }: Ready,
  interrupt: Interrupt,
  course?: Course,
): Promise<number> {
  const { signal } = interrupt;
  const { folder } = place;
  using progress = await progressOf(args.configs);
  using record = new Record();
  const beganMs = resumed?.atMs ?? 0;
  let lastMs = beganMs;
  const traces = new TraceBudget(folder, args.traces, (message) => emit({ type: "run.warned", message }, lastMs));
  const emit = (fact: Fact, atMs: number): void => {
    record.emit(fact, atMs);
    lastMs = atMs;
    traces.hear(fact);
    wear?.hear(fact);
    course?.hear?.(fact);
  };
  let wear: WearBudget | undefined;
  const halt = ({ rig, nowMs }: Crew) => overdue(rig.name, nowMs, args.timeBudget) ?? wear?.spent(rig.name);
  let begun: Past | undefined;
  // Before its end, too: a run that is killed books nothing then, and a rig that it lets go of may be waited for.
  const remember = async () => begun?.book(() => storyIn(join(folder, "events.jsonl")), place.shown);
  const crews = crewsOf(args, { folder, emit, signal, traces, sinceMs: beganMs, remember });
  const forget = lastResort.add(async () => void (await Promise.all(crews.map((crew) => crew.leave()))));
  try {
    const plan = await planned(crews, args);
    const { firmwares = {}, files = {}, known } = (await crews[0]?.identify(plan.firmwares)) ?? {};
    if (resumed !== undefined) refuseChanged(resumed, plan, args.configs, { ...files, ...firmwares });
    const done = resumed === undefined ? new Set<string>() : doneIn(resumed.summary);
    const cases = plan.cases.filter(({ as }) => !done.has(as));
    const held = quarantined(quarantine, plan.cases, new Date().toISOString().slice(0, "2026-11-28".length));
    const past = await Past.of(args, place, plan, args.shard);
    wear = await past.wear();
    wear.refuseBeyond(course?.erases(cases) ?? 0);
    const isNight = selectionOf(args).suites.includes("nightly");
    // Cut off behind its last case, a night has left no reference on a module.
    const isUnconcluded = isNight && resumed?.summary.interrupted === true;
    if (cases.length > 0 || isUnconcluded) await Promise.all(crews.map((crew) => crew.open()));
    await past.refuseRetired();
    // Whoever was waited for may have used the same folder.
    if (resumed === undefined) refuseUsed(place);
    using _ = resumed && claim(resumed);
    const before = resumed && { from: resumed.from, events: eventsIn(folder) };
    record.begin(folder, { json: args.json, simulated: args.configs.every(isSimulated) }, interrupt, progress, before);
    begun = past;
    pointLatest(place);
    const more = course && startedOf(course);
    const rigs = args.configs.map((config) => ({ name: config.name, simulated: isSimulated(config) }));
    tellStart(plan, rigs, args, { place, resumed, firmwares, files, more }, emit);
    tellUncontrolled(cases, known, (message) => emit({ type: "run.warned", message }, beganMs));
    for (const message of held.told) emit({ type: "run.warned", message }, beganMs);
    if (course !== undefined) await course.conduct({ cases, crews, emit, signal, halt });
    else
      await dispatch({
        groups: args.timeBudget === undefined ? [cases] : await past.byValue(cases, firmwares),
        crews,
        emit,
        signal,
        maxFailures: args.maxFailures,
        failures: resumed === undefined ? 0 : failuresIn(resumed.summary, plan),
        retries: args.retries,
        halt,
        quarantined: held.reasons,
      });
    await Promise.all(crews.map((crew) => crew.conclude(isNight && wear?.spent(crew.rig.name) === undefined)));
    await Promise.all(crews.map((crew) => crew.end()));
    emit({ type: "run.ended", interrupted: signal.aborted }, Math.max(...crews.map(({ nowMs }) => nowMs)));
    return await reported(args, place, record, interrupt, past, course);
  } finally {
    await Promise.all(crews.map((crew) => crew.end()));
    forget();
  }
}

const overdue = (rig: string, nowMs: number, budget: RunArgs["timeBudget"]): string | undefined =>
  budget !== undefined && nowMs >= budget.ms ? `the time of ${rig} was up (--time-budget ${budget.shown})` : undefined;

/** What the night does without when a rig has no known-good firmware. */
function tellUncontrolled(cases: readonly Chosen[], known: Known | undefined, warn: (message: string) => void): void {
  if (known !== undefined && "trouble" in known && cases.some(({ after }) => after !== undefined))
    warn(`${known.trouble}: a firmware that fails is held against it without a control experiment`);
}

function* eventsIn(folder: string) {
  for (const { event, isWhole } of readJournal(join(folder, "events.jsonl"))) if (isWhole) yield event;
}
