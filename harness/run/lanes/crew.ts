import { type ErrorCode, HarnessError } from "../../base/errors.js";
import type { Fact, Fault, Outcome } from "../../base/events.js";
import type { Keep } from "../context.js";
import type { Identified } from "../identified.js";
import { faultOf, outcomeOf } from "../outcome.js";
import type { Attempt, Settled } from "./attempt.js";
import type { Asked, Chosen } from "./choose.js";
import { type Killed, lostLane } from "./errors.js";
import type { CaseData, Report } from "./messages.js";
import { WatchedLane, type WatchParts } from "./watched-lane.js";

/** What a rig has, as far as its file and its driver tell. */
export interface LaneRig {
  readonly name: string;
  /** What a case may need: `lines`, `power`, `ready`, `sim`, and the rig's labels. */
  readonly has: readonly string[];
  /** Label of the firmware that its file names as known to be good. */
  readonly reference?: string | undefined;
}

/** What the cases of a rig run in, and what is told of it. */
export interface CrewParts extends WatchParts {
  readonly rig: LaneRig;
  readonly emit: (fact: Fact, atMs: number) => void;
  readonly shipped: boolean;
  readonly files: readonly string[];
  /** Where the rig's clock goes on, in ms: that of a run which was cut off. */
  readonly sinceMs?: number;
  /** Waited for between a rig's retirement and letting go of it: nobody may take it before the retirement is known. Never throws. */
  readonly remember: () => Promise<void>;
  /** Of which cases wire traces are kept from here on. */
  readonly traces: () => Keep;
  /** What a lane that was lost has left of an attempt at a case, and could not tell. */
  readonly left: (name: string, attempt: number) => readonly Fact[];
}

interface Running {
  readonly place: { readonly case: string; readonly scenario: string; readonly rig: string };
  readonly settle: Attempt["settle"];
  settled?: Settled;
}

/** The rig's reference firmware, or why there is none. */
export type Known = Extract<Report, { type: "identified" }>["known"];

/** What scenario files came to. */
export interface Loaded {
  readonly cases: readonly CaseData[];
  /** Files that threw, exited or hung while they were loaded. */
  readonly refused: readonly { readonly file: string; readonly fault: Fault }[];
}

/** What a case begins with is put on the module, who is to blame is found out, both once more, and the case itself: each has as much time. */
const MOST_PARTS = 5;
/** A flash of the known-good firmware, its whole ladder included, in ms. */
const LONGEST_CONCLUSION_MS = 1_500_000;
/** A rig is given up after so many lanes in a row that could not open and check it. */
const MOST_FAILED_LANES = 2;
/** Loading has a limit for each file; a timer of node holds no more than this. */
const LONGEST_MS = 2 ** 31 - 1;
/** What no other case on the rig would find otherwise: somebody has to look at it first. */
const UNFIT: readonly ErrorCode[] = ["RIG_UNFIT", "TERMINAL_MISSING", "DRIVER_MISSING", "GPIO_NOT_FOUND"];

/**
 * One rig's lanes, one after the other: the next one goes on where a lost one ended. Whatever a lane does, what is asked
 * of it here ends, by its answer, by its end or by force.
 */
export class Crew {
  readonly rig: CrewParts["rig"];
  readonly #parts: CrewParts;
  #lane: WatchedLane | undefined;
  #refused = new Map<string, Fault>();
  #running: Running | undefined;
  /** That case has begun, and nobody else has ended its lane. */
  #isToBlame = false;
  /** What files of scenarios threw after they were loaded, and nobody has been told of. */
  #late: Fault[] = [];
  #lastMs = 0;
  #asked: Asked = [];
  #isOpen = false;
  #unfit: string | undefined;
  /** The case in which no rung of the ladder helped the module. */
  #bricked: string | undefined;
  #retired: Fault | undefined;

  constructor(parts: CrewParts) {
    this.#parts = parts;
    this.rig = parts.rig;
    this.#lastMs = parts.sinceMs ?? 0;
  }

  /** Why nothing can be done on this rig as it is; `undefined`: it can. */
  get unfit(): string | undefined {
    return this.#unfit;
  }

  get retired(): boolean {
    return this.#retired !== undefined;
  }

  /** Where the rig's clock stands, in ms: of the last report. */
  get nowMs(): number {
    return this.#lastMs;
  }

  /**
   * Has the scenario files loaded. One that ends the process or hangs is left out, and all others are loaded anew. Where nobody
   * knows who ended the process, a person or a system without memory for one, the file gets a second chance.
   *
   * @param asked of lazy scenarios; a later lane is asked the same.
   * @throws HarnessError what kept the lane from working at all.
   */
  async load(asked: Asked = this.#asked): Promise<Loaded> {
    this.#asked = asked;
    for (let isFirst = true; ; ) {
      const lane = this.#start();
      const files = this.#parts.files.filter((file) => !this.#refused.has(file));
      const wait = lane.until("loaded");
      lane.order({ type: "load", shipped: this.#parts.shipped, files, asked: asked.map((list) => [...list]) });
      const report = await lane.within(LONGEST_MS, wait);
      if (report?.type === "loaded") {
        const refused = [...this.#refused].map(([file, fault]) => ({ file, fault }));
        const cases = report.cases.filter(({ file }) => file === undefined || !this.#refused.has(file));
        return { cases, refused };
      }
      this.#parts.signal.throwIfAborted();
      if (report?.type === "unfit") throw asError(report.fault);
      const file = lane.loading;
      const lost = await this.#lose(lane, file ?? "loading the scenarios");
      // Another file's code may have ended it.
      if (files.some((each) => this.#refused.get(each)?.code === "SCENARIO_EXITED")) continue;
      if (lost.code === "LANE_LOST" && isFirst) {
        isFirst = false;
        continue;
      }
      if (file === undefined) throw lost;
      this.#refused.set(file, faultOf(this.#asLoading(file, lost, lane.killed)));
    }
  }

  /** Takes the rig. @throws HarnessError RIG_BUSY and the like. */
  async open(check = false): Promise<void> {
    const lane = this.#lane ?? this.#start();
    const wait = lane.until("opened");
    lane.order({ type: "open", check });
    const report = await wait;
    if (report?.type === "opened") {
      this.#isOpen = true;
      return;
    }
    if (report?.type === "unfit") throw asError(report.fault);
    throw await this.#lose(lane, `opening ${this.rig.name}`);
  }

  /** What these firmwares are, as far as they can be read. The scenarios are loaded. */
  async identify(names: readonly string[]): Promise<Identified & { readonly known: Known | undefined }> {
    const lane = this.#lane;
    if (lane === undefined || names.length === 0) return { firmwares: {}, files: {}, known: undefined };
    const wait = lane.until("identified");
    lane.order({ type: "identify", labels: [...names] });
    const report = await wait;
    if (report?.type === "identified") return report;
    throw report?.type === "unfit" ? asError(report.fault) : await this.#lose(lane, "reading the firmwares");
  }

  /**
   * Runs one attempt at a case, in a new lane if need be. One that a lost lane had not begun, or that what another one left
   * behind has ended, is not to blame for that, and gets another lane, once. Never throws.
   */
  async run(one: Chosen, attempt: Attempt, isAgain = false): Promise<Settled> {
    const { emit } = this.#parts;
    const place = { case: one.as, scenario: one.scenario, rig: this.rig.name };
    const running: Running = { place, settle: attempt.settle };
    const lane = await this.#ready();
    if (lane === undefined) {
      emit({ type: "case.started", ...place, properties: {} }, this.#lastMs);
      const { signal } = this.#parts;
      const outcome: Outcome = this.retired
        ? { verdict: "skipped", reason: `${place.rig} is retired` }
        : outcomeOf(signal.reason, signal);
      return this.#settle(running, outcome, this.#lastMs);
    }
    this.#running = running;
    this.#isToBlame = false;
    this.#tellLate();
    const began = { realMs: this.#parts.clock.now(), rigMs: this.#lastMs };
    const wait = lane.until("ended");
    const { name, as, isBeforeJudged = true, ladder } = one;
    const how = { isBeforeJudged, traces: this.#parts.traces(), ...(ladder !== undefined && { ladder }) };
    lane.order({ type: "run", name, as, attempt: attempt.number, ...how });
    const { graceMs } = this.#parts.patience;
    const isAlone = one.before === undefined && one.after === undefined;
    const report = await lane.within(one.timeoutMs * (isAlone ? 1 : MOST_PARTS), wait, graceMs);
    this.#running = undefined;
    if (report?.type === "ended") {
      if (report.retired) this.#retired = report.outcome.fault ?? faultOf(new HarnessError("RIG_NOT_SAFE", place.rig));
      const { fault } = report.outcome;
      if (fault !== undefined && UNFIT.includes(fault.code)) this.#unfit = fault.message.split("\n")[0] ?? fault.code;
      // Nothing else can be tried on it.
      if (this.#bricked === one.as && report.outcome.verdict !== "passed")
        this.#unfit ??= `the module of ${this.rig.name} is bricked since ${one.as}`;
      this.#tellLeft(report.left, one.as);
      if (report.retired) await this.#parts.remember();
      if (report.spent || report.retired) await this.end(report.left.length > 0);
      return running.settled ?? this.#settle(running, report.outcome, report.atMs);
    }
    if (report?.type === "unfit") await this.end();
    const lost = report?.type === "unfit" ? asError(report.fault) : await this.#lose(lane, `case ${one.as}`);
    // Nobody knows what the rig's own clock would say: at least so much time has passed.
    this.#lastMs = Math.max(this.#lastMs, began.rigMs + Math.round(this.#parts.clock.now() - began.realMs));
    const { aborted, reason } = this.#parts.signal;
    emit({ type: "lane.lost", rig: place.rig, fault: faultOf(lost) }, this.#lastMs);
    if (!this.#isToBlame && !isAgain && !aborted) return this.run(one, attempt, true);
    for (const fact of this.#parts.left(one.as, attempt.number)) emit(fact, this.#lastMs);
    return this.#settle(running, outcomeOf(aborted ? reason : lost, this.#parts.signal), this.#lastMs);
  }

  /**
   * Has the lane tell what is on the module, and put the rig's known-good firmware there first if it is to: by a new lane, where
   * the last case has ended or spent its own. Never throws; a rig that was not opened, or is retired, has nothing to tell.
   */
  async conclude(restore: boolean): Promise<void> {
    if (!this.#isOpen || this.retired) return;
    const { signal, patience, emit } = this.#parts;
    const restores = restore && !signal.aborted && this.#unfit === undefined;
    const lane = restores ? await this.#ready() : this.#lane;
    if (lane === undefined || lane.isOver) {
      const reason = "the process that knew has ended with the last case";
      if (!this.retired) emit({ type: "module.left", rig: this.rig.name, reason }, this.#lastMs);
      return;
    }
    const wait = lane.until("concluded");
    lane.order({ type: "conclude", restore: restores });
    const report = await lane.within(LONGEST_CONCLUSION_MS, wait, patience.graceMs);
    if (report?.type === "concluded") return;
    if (report?.type === "unfit") await this.end();
    const lost = report?.type === "unfit" ? asError(report.fault) : await this.#lose(lane, `leaving ${this.rig.name}`);
    emit({ type: "lane.lost", rig: this.rig.name, fault: faultOf(lost) }, this.#lastMs);
  }

  #settle(running: Running, came: Outcome, atMs: number): Settled {
    const { place } = running;
    const settled = running.settle(came);
    const { again, outcome } = settled;
    if (again) this.#parts.emit({ type: "case.retried", case: place.case, rig: place.rig, ...outcome }, atMs);
    else this.#parts.emit({ type: "case.ended", ...place, ...outcome }, atMs);
    running.settled = settled;
    return settled;
  }

  /** Lets go of the rig and ends the process; what scenarios left open is told, unless it `wasTold`, and goes with it. */
  async end(wasTold = false): Promise<void> {
    const lane = this.#lane;
    this.#tellLate();
    if (lane === undefined) return;
    const wait = lane.until("left");
    lane.order({ type: "end" });
    const report = await lane.within(this.#parts.patience.graceMs, wait);
    if (report?.type === "left" && !wasTold) this.#tellLeft(report.resources);
    if (report?.type === "unfit") await this.#retire(report.fault);
    await this.#drop();
  }

  /** Of no case, and in no report of one. */
  #tellLate(): void {
    for (const fault of this.#late.splice(0))
      this.#parts.emit({ type: "stray", rig: this.rig.name, fault }, this.#lastMs);
  }

  #tellLeft(resources: readonly string[], by?: string): void {
    if (resources.length === 0) return;
    const place = { ...(by !== undefined && { case: by }), rig: this.rig.name };
    this.#parts.emit({ type: "lane.leftovers", ...place, resources }, this.#lastMs);
  }

  /** Called off for good: the rig becomes safe in its own process or, where that takes too long, by its watchdog. */
  async leave(): Promise<void> {
    await this.#lane?.leave();
  }

  /**
   * A lane with its scenarios loaded and its rig taken. After a loss the rig is looked at before a case gets it.
   *
   * @returns `undefined` for a rig that is retired, or when the run was called off meanwhile.
   */
  async #ready(): Promise<WatchedLane | undefined> {
    if (this.#lane !== undefined && !this.#lane.isOver && this.#isOpen) return this.#lane;
    for (let failed = 0; failed < MOST_FAILED_LANES && !this.retired; failed++) {
      try {
        await this.load();
        await this.open(true);
        return this.#lane;
      } catch (error) {
        await this.#drop();
        const fault = faultOf(error);
        const { aborted, reason } = this.#parts.signal;
        // What ends a run, Ctrl-C or a full disk, says nothing of its rigs.
        if (aborted && fault.code === faultOf(reason).code) return undefined;
        if (failed + 1 === MOST_FAILED_LANES || aborted) await this.#retire(fault);
      }
    }
    return undefined;
  }

  async #retire(fault: Fault): Promise<void> {
    if (this.#retired !== undefined) return;
    this.#retired = fault;
    this.#parts.emit({ type: "rig.retired", rig: this.rig.name, fault }, this.#lastMs);
    await this.#parts.remember();
  }

  #start(): WatchedLane {
    this.#isOpen = false;
    const lane: WatchedLane = new WatchedLane(this.#parts, (report) => this.#hear(report, lane.isLoaded), this.#lastMs);
    this.#lane = lane;
    return lane;
  }

  async #drop(): Promise<void> {
    await this.#lane?.end();
    this.#lane = undefined;
  }

  /** @returns how it was lost, in the middle of `what`. */
  async #lose(lane: WatchedLane, what: string): Promise<HarnessError> {
    const end = await lane.end();
    this.#lane = undefined;
    return lostLane(what, end, lane.killed);
  }

  #hear(report: Report, isLoaded: boolean): void {
    switch (report.type) {
      case "fact":
        this.#lastMs = Math.max(this.#lastMs, report.atMs);
        if (report.fact.type === "recovered" && report.fact.state === "bricked") this.#bricked = report.fact.case;
        if (report.fact.type === "case.started" && report.fact.case === this.#running?.place.case)
          this.#isToBlame = true;
        if (report.fact.type === "stray" && report.fact.fault.code === "SCENARIO_EXITED") this.#isToBlame = false;
        if (!("case" in report.fact) || report.fact.type === "stray" || report.fact.case === this.#running?.place.case)
          this.#parts.emit(report.fact, report.atMs);
        break;
      case "ended":
        this.#lastMs = Math.max(this.#lastMs, report.atMs);
        // At once: what is right behind it in the channel comes after it, an error of the same case for one.
        if (this.#running !== undefined) this.#settle(this.#running, report.outcome, report.atMs);
        this.#running = undefined;
        break;
      case "refused":
        if (isLoaded) this.#late.push(report.fault);
        if (report.fault.code === "SCENARIO_EXITED") this.#isToBlame = false;
        if (this.#running !== undefined) this.#tellLate();
        // What came first led to the rest.
        if (!this.#refused.has(report.file)) this.#refused.set(report.file, report.fault);
        break;
    }
  }

  #asLoading(file: string, lost: HarnessError, killed: Killed | undefined): HarnessError {
    const { message, details, advice } = lost;
    const hung = killed?.why === "overdue" || killed?.why === "deaf";
    const text = hung ? `${file}: it was still not loaded after ${this.#parts.patience.loadMs} ms` : message;
    return new HarnessError("SCENARIO_INVALID", text, { details, ...(!hung && { advice }) });
  }
}

const asError = ({ code, message, advice, details, diagnosis }: Fault): HarnessError =>
  new HarnessError(code, message, {
    advice,
    ...(details !== undefined && { details }),
    ...(diagnosis !== undefined && { diagnosis }),
  });
