import { type ErrorCode, HarnessError } from "../../base/errors.js";
import type { Fact, Fault, Outcome } from "../../base/events.js";
import type { Clock } from "../../base/time.js";
import { faultOf, outcomeOf } from "../outcome.js";
import type { Chosen } from "./choose.js";
import { type Killed, lostLane } from "./errors.js";
import type { LaneEnd, LaneHost } from "./host.js";
import type { CaseData, Report } from "./messages.js";

/** How long a lane is waited for, in ms of real time. */
interface Patience {
  /** After a case's own time. */
  readonly graceMs: number;
  /** For a sign that its event loop turns. */
  readonly deafMs: number;
  /** For one file of scenarios. */
  readonly loadMs: number;
}

/** What a rig has, as far as its file and its driver tell. */
export interface LaneRig {
  readonly name: string;
  /** What a case may need: `lines`, `power`, `ready`, `sim`, and the rig's labels. */
  readonly has: readonly string[];
}

/** What the cases of a rig run in, and what is told of it. */
export interface CrewParts {
  readonly rig: LaneRig;
  /** Real time. */
  readonly clock: Clock;
  /** Starts a lane process. @param sinceMs where the rig's clock goes on. */
  readonly start: (hear: (report: Report) => void, sinceMs: number) => LaneHost;
  readonly emit: (fact: Fact, atMs: number) => void;
  /** For the person at the terminal. */
  readonly tell: (text: string) => void;
  readonly ask: (prompt: string, signal: AbortSignal) => Promise<void>;
  /** Aborts when the operator calls the run off; its reason says by what. */
  readonly signal: AbortSignal;
  readonly shipped: boolean;
  readonly files: readonly string[];
  readonly patience: Patience;
}

/** What scenario files came to. */
export interface Loaded {
  readonly cases: readonly CaseData[];
  /** Files that threw, exited or hung while they were loaded. */
  readonly refused: readonly { readonly file: string; readonly fault: Fault }[];
}

/** A rig is given up after so many lanes in a row that could not open and check it. */
const MOST_FAILED_LANES = 2;
const PING_MS = 1000;
/** Loading has a limit for each file; a timer of node holds no more than this. */
const LONGEST_MS = 2 ** 31 - 1;
/** At a second signal a lane has so long for making its rig safe, in ms. */
const LEAVE_MS = 3000;

/** What no other case on the rig would find otherwise: somebody has to look at it first. */
const UNFIT: readonly ErrorCode[] = ["RIG_UNFIT", "TERMINAL_MISSING", "DRIVER_MISSING", "GPIO_NOT_FOUND"];

/** A wait for a report; settles once, by the report, or by the end of the lane. */
interface Wait {
  readonly hears: (report: Report) => boolean;
  readonly settle: (report: Report | undefined) => void;
}

/**
 * One rig's lanes, one after the other: the next one goes on where a lost one ended. Whatever a lane does, what is asked
 * of it here ends, by its answer, by its end or by force.
 */
export class Crew {
  readonly rig: CrewParts["rig"];
  readonly #parts: CrewParts;
  #host: LaneHost | undefined;
  #wait: Wait | undefined;
  #refused = new Map<string, Fault>();
  /** The file that is being loaded, and since when. */
  #loading: string | undefined;
  #loadingMs = 0;
  #isLoaded = false;
  #killed: Killed | undefined;
  #running: { readonly case: string; readonly scenario: string; readonly rig: string } | undefined;
  /** That case has begun, and nobody else has ended its lane. */
  #isToBlame = false;
  /** What files of scenarios threw after they were loaded, and nobody has been told of. */
  #late: Fault[] = [];
  #lastMs = 0;
  #heardMs = 0;
  #isOpen = false;
  #unfit: string | undefined;
  #retired: Fault | undefined;

  constructor(parts: CrewParts) {
    this.#parts = parts;
    this.rig = parts.rig;
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
   * Has the scenario files loaded. One that ends the process or hangs is left out, and all others are loaded anew.
   *
   * @throws HarnessError what kept the lane from working at all.
   */
  async load(): Promise<Loaded> {
    for (;;) {
      const host = this.#start();
      const files = this.#parts.files.filter((file) => !this.#refused.has(file));
      const wait = this.#until((report) => report.type === "loaded" || report.type === "unfit");
      host.order({ type: "load", shipped: this.#parts.shipped, files });
      const report = await this.#within(LONGEST_MS, wait);
      if (report?.type === "loaded") {
        const refused = [...this.#refused].map(([file, fault]) => ({ file, fault }));
        const cases = report.cases.filter(({ file }) => file === undefined || !this.#refused.has(file));
        return { cases, refused };
      }
      this.#parts.signal.throwIfAborted();
      if (report?.type === "unfit") throw asError(report.fault);
      const file = this.#loading;
      const lost = lostLane(file ?? "loading the scenarios", await this.#end(), this.#killed);
      // Another file's code may have ended it.
      if (files.some((each) => this.#refused.get(each)?.code === "SCENARIO_EXITED")) continue;
      if (file === undefined) throw lost;
      this.#refused.set(file, faultOf(this.#asLoading(file, lost)));
    }
  }

  /** Takes the rig. @throws HarnessError RIG_BUSY and the like. */
  async open(check = false): Promise<void> {
    const wait = this.#until((report) => report.type === "opened" || report.type === "unfit");
    this.#host?.order({ type: "open", check });
    const report = await wait;
    if (report?.type === "opened") {
      this.#isOpen = true;
      return;
    }
    if (report?.type === "unfit") throw asError(report.fault);
    throw lostLane(`opening ${this.rig.name}`, await this.#end(), this.#killed);
  }

  /**
   * Runs one case, in a new lane if need be. One that a lost lane had not begun, or that what another one left behind has
   * ended, is not to blame for that, and gets another lane, once. Never throws.
   */
  async run(one: Chosen, isAgain = false): Promise<Outcome> {
    const { emit } = this.#parts;
    const place = { case: one.as, scenario: one.scenario, rig: this.rig.name };
    if (!(await this.#ready())) {
      const reason = `${this.rig.name} is retired`;
      emit({ type: "case.started", ...place, properties: {} }, this.#lastMs);
      emit({ type: "case.ended", ...place, verdict: "skipped", reason }, this.#lastMs);
      return { verdict: "skipped", reason };
    }
    this.#running = place;
    this.#isToBlame = false;
    this.#tellLate();
    const began = { realMs: this.#parts.clock.now(), rigMs: this.#lastMs };
    const wait = this.#until((report) => report.type === "ended" || report.type === "unfit");
    this.#host?.order({ type: "run", name: one.name, as: one.as });
    const { graceMs } = this.#parts.patience;
    const report = await this.#within(one.timeoutMs, wait, graceMs);
    this.#running = undefined;
    if (report?.type === "ended") {
      if (report.retired) this.#retired = report.outcome.fault ?? faultOf(new HarnessError("RIG_NOT_SAFE", place.rig));
      const { fault } = report.outcome;
      if (fault !== undefined && UNFIT.includes(fault.code)) this.#unfit = fault.message.split("\n")[0] ?? fault.code;
      this.#tellLeft(report.left, one.as);
      if (report.spent || report.retired) await this.end(report.left.length > 0);
      return report.outcome;
    }
    if (report?.type === "unfit") await this.end();
    const lost =
      report?.type === "unfit" ? asError(report.fault) : lostLane(`case ${one.as}`, await this.#end(), this.#killed);
    // Nobody knows what the rig's own clock would say: at least so much time has passed.
    this.#lastMs = Math.max(this.#lastMs, began.rigMs + Math.round(this.#parts.clock.now() - began.realMs));
    const { aborted, reason } = this.#parts.signal;
    emit({ type: "lane.lost", rig: place.rig, fault: faultOf(lost) }, this.#lastMs);
    if (!this.#isToBlame && !isAgain && !aborted) return this.run(one, true);
    const outcome = outcomeOf(aborted ? reason : lost, this.#parts.signal);
    emit({ type: "case.ended", ...place, ...outcome }, this.#lastMs);
    return outcome;
  }

  /** Lets go of the rig and ends the process; what scenarios left open is told, unless it `wasTold`, and goes with it. */
  async end(wasTold = false): Promise<void> {
    const host = this.#host;
    this.#tellLate();
    if (host === undefined) return;
    const wait = this.#until((report) => report.type === "left" || report.type === "unfit");
    host.order({ type: "end" });
    const report = await this.#within(this.#parts.patience.graceMs, wait);
    if (report?.type === "left" && !wasTold) this.#tellLeft(report.resources);
    if (report?.type === "unfit") this.#retire(report.fault);
    await this.#end();
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
    this.#host?.order({ type: "stop", reason: faultOf(new HarnessError("ABORTED", "called off for good")) });
    this.#host?.order({ type: "end" });
    const { clock } = this.#parts;
    await Promise.race([this.#host?.ended, clock.sleep(LEAVE_MS)]);
    this.#host?.kill();
  }

  /** A lane with its scenarios loaded and its rig taken. After a loss the rig is looked at before a case gets it. */
  async #ready(): Promise<boolean> {
    if (this.#host !== undefined && !this.#host.isOver && this.#isOpen) return true;
    for (let failed = 0; failed < MOST_FAILED_LANES && !this.retired; failed++) {
      try {
        await this.load();
        await this.open(true);
        return true;
      } catch (error) {
        await this.#end();
        if (failed + 1 === MOST_FAILED_LANES || this.#parts.signal.aborted) this.#retire(faultOf(error));
      }
    }
    return false;
  }

  #retire(fault: Fault): void {
    if (this.#retired !== undefined) return;
    this.#retired = fault;
    this.#parts.emit({ type: "rig.retired", rig: this.rig.name, fault }, this.#lastMs);
  }

  #start(): LaneHost {
    this.#loading = undefined;
    this.#isLoaded = false;
    this.#killed = undefined;
    this.#isOpen = false;
    this.#heardMs = this.#parts.clock.now();
    const host = this.#parts.start((report) => this.#hear(report), this.#lastMs);
    this.#host = host;
    void host.ended.then(() => this.#wait?.settle(undefined));
    void this.#watch(host);
    const stop = () => host.order({ type: "stop", reason: faultOf(this.#parts.signal.reason) });
    this.#parts.signal.addEventListener("abort", stop);
    void host.ended.then(() => this.#parts.signal.removeEventListener("abort", stop));
    if (this.#parts.signal.aborted) stop();
    return host;
  }

  /** Asks again and again whether its event loop turns; one that does not answer for too long is killed. */
  async #watch(host: LaneHost): Promise<void> {
    const { clock, patience } = this.#parts;
    const over = new AbortController();
    void host.ended.then(() => over.abort());
    try {
      for (;;) {
        host.order({ type: "ping" });
        await clock.sleep(PING_MS, over.signal);
        const now = clock.now();
        if (now - this.#heardMs > patience.deafMs) this.#killFor({ why: "deaf", deafMs: patience.deafMs });
        if (this.#loading !== undefined && now - this.#loadingMs > patience.loadMs)
          this.#killFor({ why: "overdue", timeoutMs: patience.loadMs, graceMs: 0 });
      }
    } catch {
      // It has ended.
    }
  }

  #hear(report: Report): void {
    this.#heardMs = this.#parts.clock.now();
    switch (report.type) {
      case "fact":
        this.#lastMs = Math.max(this.#lastMs, report.atMs);
        if (report.fact.type === "case.started" && report.fact.case === this.#running?.case) this.#isToBlame = true;
        if (report.fact.type === "stray" && report.fact.fault.code === "SCENARIO_EXITED") this.#isToBlame = false;
        if (!("case" in report.fact) || report.fact.type === "stray" || report.fact.case === this.#running?.case)
          this.#parts.emit(report.fact, report.atMs);
        break;
      case "ended":
        this.#lastMs = Math.max(this.#lastMs, report.atMs);
        // At once: what is right behind it in the channel comes after it, an error of the same case for one.
        if (this.#running !== undefined)
          this.#parts.emit({ type: "case.ended", ...this.#running, ...report.outcome }, report.atMs);
        this.#running = undefined;
        break;
      case "loading":
        this.#loading = report.file;
        this.#loadingMs = this.#heardMs;
        break;
      case "loaded":
        this.#loading = undefined;
        this.#isLoaded = true;
        break;
      case "refused":
        if (this.#isLoaded) this.#late.push(report.fault);
        if (report.fault.code === "SCENARIO_EXITED") this.#isToBlame = false;
        if (this.#running !== undefined) this.#tellLate();
        // What came first led to the rest.
        if (!this.#refused.has(report.file)) this.#refused.set(report.file, report.fault);
        break;
      case "tell":
        this.#parts.tell(report.text);
        break;
      case "ask":
        void this.#ask(report.id, report.prompt);
        break;
    }
    if (this.#wait?.hears(report)) this.#wait.settle(report);
  }

  async #ask(id: number, prompt: string): Promise<void> {
    const host = this.#host;
    const gone = new AbortController();
    void host?.ended.then(() => gone.abort(new HarnessError("ABORTED", "the lane has ended")));
    const answered = this.#parts.ask(prompt, gone.signal).then(
      () => true,
      () => false,
    );
    host?.order({ type: "answer", id, ok: await answered });
  }

  #until(hears: (report: Report) => boolean): Promise<Report | undefined> {
    return new Promise((done) => {
      this.#wait = {
        hears,
        settle: (report) => {
          this.#wait = undefined;
          done(report);
        },
      };
      if (this.#host?.isOver) this.#wait.settle(undefined);
    });
  }

  /** Its time, some grace, then force; once the run is called off the grace alone counts. */
  async #within(ms: number, wait: Promise<Report | undefined>, graceMs = 0): Promise<Report | undefined> {
    const { clock, signal, patience } = this.#parts;
    const over = new AbortController();
    const settled = wait.finally(() => over.abort());
    const late = clock
      .sleep(ms + graceMs, over.signal)
      .then(() => ({ why: "overdue", timeoutMs: ms, graceMs }) as const);
    const stopped = aborted(signal, over.signal)
      .then(() => clock.sleep(patience.graceMs, over.signal))
      .then(() => ({ why: "stopped" }) as const);
    for (const limit of [late, stopped]) limit.then((killed) => this.#killFor(killed)).catch(() => undefined);
    return settled;
  }

  #killFor(killed: Killed): void {
    if (this.#host === undefined || this.#host.isOver) return;
    this.#killed ??= killed;
    this.#host.kill();
  }

  async #end(): Promise<LaneEnd> {
    const host = this.#host;
    if (host === undefined) return { code: null, signal: null, lastWords: "" };
    const { clock, patience } = this.#parts;
    const over = new AbortController();
    void clock
      .sleep(patience.graceMs, over.signal)
      .then(() => host.kill())
      .catch(() => undefined);
    const end = await host.ended.finally(() => over.abort());
    if (host.garbled) this.#killed = { why: "garbled" };
    this.#host = undefined;
    this.#isOpen = false;
    return end;
  }

  #asLoading(file: string, lost: HarnessError): HarnessError {
    const { message, details, advice } = lost;
    const hung = this.#killed?.why === "overdue" || this.#killed?.why === "deaf";
    const text = hung ? `${file}: it was still not loaded after ${this.#parts.patience.loadMs} ms` : message;
    return new HarnessError("SCENARIO_INVALID", text, { details, ...(!hung && { advice }) });
  }
}

function aborted(signal: AbortSignal, over: AbortSignal): Promise<void> {
  return new Promise((done, never) => {
    const abort = () => {
      over.removeEventListener("abort", end);
      done();
    };
    const end = () => {
      signal.removeEventListener("abort", abort);
      never(over.reason);
    };
    if (signal.aborted) return done();
    signal.addEventListener("abort", abort, { once: true });
    over.addEventListener("abort", end, { once: true });
  });
}

const asError = ({ code, message, advice, details }: Fault): HarnessError =>
  new HarnessError(code, message, { advice, ...(details !== undefined && { details }) });
