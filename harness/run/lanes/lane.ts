import { setImmediate } from "node:timers/promises";
import { HarnessError } from "../../base/errors.js";
import type { Fact, Fault } from "../../base/events.js";
import type { Clock } from "../../base/time.js";
import type { Bay } from "../../base/wire.js";
import type { KnownGood } from "../control.js";
import { identified } from "../identified.js";
import { type Case, expand } from "../matrix.js";
import { OnModule } from "../on-module.js";
import { faultOf, outcomeOf } from "../outcome.js";
import { runCase } from "../runner.js";
import type { Matrix, Scenario } from "../scenario.js";
import { asCase, hearStrays, maker } from "../strays.js";
import { type Asked, isAsked } from "./choose.js";
import { leftOn, restored } from "./conclude.js";
import type { CaseData, Order, Report } from "./messages.js";
import { leftSince, traits } from "./residue.js";
import { short, shortOutcome } from "./short.js";

/** What a lane is made of. Nothing of it was loaded, opened or locked yet. */
export interface LaneParts {
  readonly bay: Bay;
  readonly clock: Clock;
  readonly seed: number;
  /** Version of the program. */
  readonly harness: string;
  /** The run's folder, an absolute path: a scenario may change the current one. */
  readonly folder: string;
  /** Longest time of a case, in ms, in place of the scenario's own. */
  readonly timeoutMs: number | undefined;
  /** On the rig's clock events begin here, in ms: a lane that follows one that was lost goes on where that ended. */
  readonly sinceMs: number;
  readonly matrix: () => Promise<Matrix>;
  /** The rig's reference firmware, or why there is none. */
  readonly known: () => Promise<KnownGood>;
  readonly shipped: () => Promise<readonly Scenario[]>;
  readonly load: (file: string) => Promise<Scenario>;
  /** Takes the rig for this process: locks and watchdog. */
  readonly guard: (signal: AbortSignal) => Promise<AsyncDisposable & { readonly bay: Bay }>;
}

/** Longest that a rig may take to be opened and made safe when it is only checked, in ms. */
const CHECK_MS = 30_000;
/** So much of what a case left is told. */
const MOST_LEFT = 20;
/** So many errors that nobody awaited are told by one process: a loop makes any number of them. */
const MOST_STRAYS = 100;

/**
 * One rig's worker: loads scenarios, opens its rig, runs cases one after the other, and tells what happens. It judges a
 * case and decides nothing else: which case comes next, what is written down, and the exit code are the dispatcher's.
 */
export class Lane {
  readonly #parts: LaneParts;
  readonly #report: (report: Report) => void;
  readonly #startMs: number;
  readonly #cases = new Map<string, Case>();
  readonly #abort = new AbortController();
  readonly #module = new OnModule();
  #guarded: (AsyncDisposable & { readonly bay: Bay }) | undefined;
  #running: { readonly as: string; readonly stray: (error: unknown) => void } | undefined;
  #spent = false;
  #strays = 0;
  #loading: string | undefined;

  constructor(parts: LaneParts, report: (report: Report) => void) {
    this.#parts = parts;
    this.#report = report;
    this.#startMs = parts.clock.now();
    hearStrays((error, name) => this.#stray(error, name));
  }

  /** Orders are obeyed one after the other; `stop` reaches what is under way. Never throws. */
  async obey(order: Exclude<Order, { type: "answer" | "ping" }>): Promise<void> {
    try {
      switch (order.type) {
        case "load":
          return await this.#load(order.shipped, order.files, order.asked);
        case "open":
          return await this.#open(order.check);
        case "identify":
          return await this.#identify(order.labels);
        case "conclude":
          return await this.#conclude(order.restore);
        case "run":
          return await this.#run(order);
        case "end":
          return await this.end();
        case "stop":
          this.stop(order.reason);
      }
    } catch (error) {
      this.#report({ type: "unfit", fault: faultOf(error) });
    }
  }

  stop({ code, message, advice, details }: Fault): void {
    this.#abort.abort(new HarnessError(code, message, { advice, ...(details !== undefined && { details }) }));
  }

  /** The process is about to end by `process.exit`: whoever called it is told, if it is another than what runs. */
  leaving(): void {
    const name = maker();
    const current = this.#loading === undefined ? this.#running?.as : loading(this.#loading);
    if (name === undefined || name === current) return;
    const who = fileOf(name) ?? `case ${name}`;
    this.#stray(new HarnessError("SCENARIO_EXITED", `${who}: what it left behind ended the process`), name);
  }

  /** Lets go of the rig. */
  async end(): Promise<void> {
    const guarded = this.#guarded;
    this.#guarded = undefined;
    await guarded?.[Symbol.asyncDispose]();
  }

  async #load(shipped: boolean, files: readonly string[], asked: Asked): Promise<void> {
    const matrix = await this.#parts.matrix();
    const told: CaseData[] = [];
    const take = (scenario: Scenario, file: string | undefined) => {
      if (!isAsked(scenario, asked)) return;
      for (const one of expand(scenario, matrix, this.#parts.timeoutMs)) {
        this.#cases.set(one.name, one);
        told.push(dataOf(one, file));
      }
    };
    if (shipped) for (const scenario of await this.#parts.shipped()) take(scenario, undefined);
    for (const file of files) {
      this.#report({ type: "loading", file });
      this.#loading = file;
      try {
        await asCase(loading(file), async () => take(await this.#parts.load(file), file));
        // What it has thrown without being asked comes to light now.
        await setImmediate();
      } catch (error) {
        this.#refuse(file, error);
      }
    }
    this.#loading = undefined;
    this.#report({ type: "loaded", cases: told });
  }

  #refuse(file: string, error: unknown): void {
    this.#report({ type: "refused", file, fault: short(invalid(file, error)) });
  }

  async #open(check: boolean): Promise<void> {
    this.#guarded = await this.#parts.guard(this.#abort.signal);
    if (check) {
      const { Deadline } = await import("../../base/time.js");
      const { bay } = this.#guarded;
      const what = `${bay.name}: a look at the rig`;
      await using _ = await bay.open(
        Deadline.in(CHECK_MS, what, this.#parts.clock, this.#abort.signal, "RIG_NOT_SAFE"),
      );
    }
    this.#report({ type: "opened" });
  }

  async #identify(labels: readonly string[]): Promise<void> {
    const { firmwares } = await this.#parts.matrix();
    const { firmware, trouble = "" } = await this.#parts.known();
    const known = firmware === undefined ? { trouble } : { label: firmware.label };
    const wanted = firmwares.filter(({ label }) => labels.includes(label));
    this.#report({ type: "identified", ...identified(wanted), known });
  }

  async #conclude(restore: boolean): Promise<void> {
    const { clock, known } = this.#parts;
    const emit = (fact: Fact) => this.#report({ type: "fact", atMs: this.#atMs(), fact });
    if (this.#guarded !== undefined) {
      const { bay } = this.#guarded;
      if (restore) await restored(bay, this.#module, await known(), { clock, emit, signal: this.#abort.signal });
      emit(leftOn(bay, this.#module));
    }
    this.#report({ type: "concluded" });
  }

  async #run(order: Extract<Order, { type: "run" }>): Promise<void> {
    const { name, as, attempt, isBeforeJudged, traces: keep } = order;
    const one = this.#cases.get(name);
    const bay = this.#guarded?.bay;
    if (one === undefined || bay === undefined) {
      const missing = `case ${JSON.stringify(name)}: ${bay === undefined ? "the rig is not open" : "this process has no such case: its name or its file changed since it was listed"}`;
      const fault = faultOf(new HarnessError("SCENARIO_INVALID", missing));
      this.#ended({ verdict: "broken", fault }, false);
      return;
    }
    const { clock, seed, folder, harness } = this.#parts;
    const known = await this.#parts.known();
    const emit = (fact: Fact) => this.#report({ type: "fact", atMs: this.#atMs(), fact });
    const abort = new AbortController();
    const callOff = () => abort.abort(this.#abort.signal.reason);
    this.#abort.signal.addEventListener("abort", callOff);
    if (this.#abort.signal.aborted) callOff();
    this.#running = { as, stray: (error) => abort.abort(error) };
    const before = traits();
    try {
      const context = { clock, seed, folder, emit, signal: abort.signal, module: this.#module, known };
      const traces = { keep, harness };
      const { retired, settled, ...outcome } = await runCase(
        { ...one, name: as, ladder: order.ladder ?? one.ladder },
        bay,
        { ...context, isBeforeJudged, traces },
        attempt,
      );
      const atMs = this.#atMs();
      const late: unknown[] = [];
      this.#running = { as, stray: (error) => void late.push(error) };
      const isBad = !settled || outcome.verdict !== "passed" || this.#abort.signal.aborted;
      const left = (await leftSince(before, isBad)).slice(0, MOST_LEFT);
      // A body that goes on would do so in the next case, and so would a timer of it.
      this.#spent ||= !settled || left.length > 0;
      const [came] = outcome.verdict === "passed" ? late.splice(0, 1) : [];
      this.#ended(came === undefined ? outcome : shortOutcome(outcomeOf(came, abort.signal)), retired, left, atMs);
      this.#running = undefined;
      for (const error of late) this.#stray(error, as);
    } finally {
      this.#running = undefined;
      this.#abort.signal.removeEventListener("abort", callOff);
    }
  }

  #ended(
    outcome: Extract<Report, { type: "ended" }>["outcome"],
    retired: boolean,
    left: string[] = [],
    atMs = this.#atMs(),
  ): void {
    this.#report({ type: "ended", atMs, outcome, retired, left, spent: this.#spent });
  }

  /** An error that nobody caught is its maker's: of the case that runs it is the end, of an earlier one it is told. */
  #stray(error: unknown, name: string | undefined): void {
    const file = name === undefined ? this.#loading : fileOf(name);
    if (file !== undefined) {
      this.#refuse(file, error);
      return;
    }
    this.#spent = true;
    const running = this.#running;
    if (running !== undefined && (name ?? running.as) === running.as) {
      running.stray(error);
      return;
    }
    if (++this.#strays > MOST_STRAYS) return;
    const fault = short(faultOf(error));
    const rig = this.#parts.bay.name;
    this.#report({
      type: "fact",
      atMs: this.#atMs(),
      fact: { type: "stray", ...(name !== undefined && { case: name }), rig, fault },
    });
  }

  /** Events need microseconds: what lies below is binary noise of the clock. */
  #atMs(): number {
    const { clock, sinceMs } = this.#parts;
    return Math.round((sinceMs + clock.now() - this.#startMs) * 1000) / 1000;
  }
}

/** What a file does while it is loaded, and later, is its own: no case has a name like this. */
const LOADING = "load\n";
const loading = (file: string): string => `${LOADING}${file}`;
const fileOf = (name: string): string | undefined =>
  name.startsWith(LOADING) ? name.slice(LOADING.length) : undefined;

const dataOf = (
  { name, scenario, tags, needs, timeoutMs, firmwares, before, after }: Case,
  file: string | undefined,
): CaseData => ({
  name,
  scenario,
  ...(file !== undefined && { file }),
  tags: [...tags],
  needs: [...needs],
  timeoutMs,
  firmwares: firmwares.map(({ label }) => label),
  ...(before !== undefined && { before: before.label }),
  ...(after !== undefined && { after: after.label }),
});

/** Whatever a file threw while it was loaded, or while it told its cases. */
function invalid(file: string, error: unknown): Fault {
  const fault = faultOf(error);
  if (fault.code !== "INTERNAL" && fault.code !== "SCENARIO_THREW") return fault;
  const { at } = fault;
  const told = faultOf(new HarnessError("SCENARIO_INVALID", `${file}: ${fault.message}`));
  return { ...told, ...(at !== undefined && { at }) };
}
