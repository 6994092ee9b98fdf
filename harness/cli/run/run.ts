import { join } from "node:path";
import pkg from "../../../package.json" with { type: "json" };
import { consoleReporter } from "../../../reports/console.js";
import { storyIn } from "../../../reports/story.js";
import { exitCodeOf } from "../../../reports/summary.js";
import { writeReports } from "../../../reports/write.js";
import { isSimulated } from "../../../rigs/simulated.js";
import { lastResort } from "../../base/cleanup.js";
import { HarnessError } from "../../base/errors.js";
import type { Fact, RunEvent } from "../../base/events.js";
import { SystemClock } from "../../base/time.js";
import { Journal } from "../../run/journal.js";
import type { Crew } from "../../run/lanes/crew.js";
import { dispatch } from "../../run/lanes/dispatcher.js";
import type { Choice } from "../options/cases.js";
import type { Interrupt } from "../terminal/interrupt.js";
import { colors, print, report } from "../terminal/output.js";
import { type Progress, progressOf } from "../terminal/progress.js";
import { printStory } from "../terminal/story-json.js";
import { crewsOf, type Wanted } from "./crews.js";
import { type Place, pointLatest, refuseUsed } from "./outputs.js";
import { type Planned, planned } from "./plan.js";

interface RunArgs extends Wanted, Choice {
  readonly maxFailures?: number | undefined;
  readonly json: boolean;
  readonly junit?: string | undefined;
}

/** What was written down so far. */
class Record implements Disposable {
  /** The first event that the disk did not take. */
  lost: HarnessError | undefined;
  #journal: Journal | undefined;

  get failures(): readonly unknown[] {
    return this.#journal?.failures ?? [];
  }

  /** Until here nothing has happened that a run would tell. */
  begin(
    folder: string,
    { json, configs }: Pick<RunArgs, "json" | "configs">,
    interrupt: Interrupt,
    progress: Progress,
  ): void {
    const stream = json ? process.stderr : process.stdout;
    const tty = stream.isTTY === true;
    const clock = new SystemClock();
    const startMs = clock.now();
    const write = (line: string) => {
      progress.stop();
      stream.write(line);
    };
    const listeners = [
      consoleReporter({
        write,
        color: tty && colors.isColorSupported,
        tty,
        ...(configs.every(isSimulated) && { realMs: () => clock.now() - startMs }),
      }),
      (event: RunEvent) => tellAtWork(event, progress),
    ];
    this.#journal = new Journal(folder, listeners, (error) => {
      this.lost ??= error;
      interrupt.callOff(error);
    });
  }

  readonly emit = (fact: Fact, atMs: number): void => this.#journal?.emit(fact, atMs);

  [Symbol.dispose](): void {
    this.#journal?.[Symbol.dispose]();
  }
}

/** A case takes half a minute on a real rig: a person at a terminal sees which, and what it does. */
function tellAtWork(event: RunEvent, progress: Progress): void {
  if (event.type === "case.started") progress.begin(event.case);
  else if (event.type === "step.started") progress.begin(`${event.case}: ${event.step}`);
  else if (event.type === "case.ended") progress.stop();
}

/**
 * One lane process a rig does the work; this one decides, writes down, reports and owns the exit code. All rigs are ours
 * from before the first case until the reports are written, or none is.
 */
export async function runOn(args: RunArgs, place: Place, interrupt: Interrupt): Promise<number> {
  const { signal } = interrupt;
  const { folder } = place;
  using progress = await progressOf(args.configs);
  using record = new Record();
  const { emit } = record;
  const crews = crewsOf(args, { folder, emit, signal });
  const forget = lastResort.add(async () => void (await Promise.all(crews.map((crew) => crew.leave()))));
  try {
    const plan = await planned(crews, args);
    await Promise.all(crews.map((crew) => crew.open()));
    // Whoever was waited for may have used the same folder.
    refuseUsed(place);
    record.begin(folder, args, interrupt, progress);
    pointLatest(place);
    tellStart(plan, crews, place, args, emit);
    const { maxFailures = Number.POSITIVE_INFINITY } = args;
    await dispatch({ cases: plan.cases, crews, emit, signal, maxFailures });
    await Promise.all(crews.map((crew) => crew.end()));
    emit({ type: "run.ended", interrupted: signal.aborted }, Math.max(...crews.map(({ nowMs }) => nowMs)));
    return reported(args, place, record, interrupt);
  } finally {
    await Promise.all(crews.map((crew) => crew.end()));
    forget();
  }
}

function tellStart(
  { cases, refused }: Planned,
  crews: readonly Crew[],
  { wallTime, runId }: Place,
  { seed, configs }: RunArgs,
  emit: Record["emit"],
): void {
  const rigs = crews.map(({ rig }) => rig.name);
  const simulated = configs.filter(isSimulated).map(({ name }) => name);
  const count = cases.length + refused.length;
  emit({ type: "run.started", wallTime, runId, harness: pkg.version, seed, rigs, simulated, cases: count }, 0);
  for (const { name, fault } of refused) {
    const where = { case: name, scenario: "load", rig: rigs[0] ?? "" };
    emit({ type: "case.started", ...where, properties: {} }, 0);
    emit({ type: "case.ended", ...where, verdict: "broken", fault }, 0);
  }
}

function reported(
  { json, junit }: RunArgs,
  { runId, folder, shown }: Place,
  record: Record,
  interrupt: Interrupt,
): number {
  const failures: unknown[] = record.failures.map(
    (cause) => new HarnessError("REPORT_FAILED", String(cause), { cause }),
  );
  const story = storyIn(join(folder, "events.jsonl"));
  try {
    writeReports(folder, story, junit === undefined ? {} : { junitFile: junit });
  } catch (error) {
    failures.push(error);
  }
  if (json) printStory(story, { runId, folder: shown });
  else print(`reports are in ${shown}`);
  if (record.lost !== undefined) failures.unshift(record.lost);
  else if (interrupt.exitCode === 2) failures.unshift(interrupt.signal.reason);
  if (failures.length > 0) report(new AggregateError(failures), false);
  return interrupt.exitCode ?? (failures.length > 0 ? 2 : exitCodeOf(story.summary));
}
