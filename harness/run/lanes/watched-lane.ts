import { HarnessError } from "../../base/errors.js";
import type { Clock } from "../../base/time.js";
import { faultOf } from "../outcome.js";
import type { Killed } from "./errors.js";
import type { LaneEnd, LaneHost } from "./host.js";
import type { Order, Report } from "./messages.js";

/** How long a lane is waited for, in ms of real time. */
interface Patience {
  /** After a case's own time. */
  readonly graceMs: number;
  /** For a sign that its event loop turns. */
  readonly deafMs: number;
  /** For one file of scenarios. */
  readonly loadMs: number;
}

/** What a lane process is watched with. */
export interface WatchParts {
  /** Real time. */
  readonly clock: Clock;
  /** Starts a lane process. @param sinceMs where the rig's clock goes on. */
  readonly start: (hear: (report: Report) => void, sinceMs: number) => LaneHost;
  /** For the person at the terminal. */
  readonly tell: (text: string) => void;
  readonly ask: (prompt: string, signal: AbortSignal) => Promise<void>;
  /** Aborts when the operator calls the run off; its reason says by what. */
  readonly signal: AbortSignal;
  readonly patience: Patience;
}

const PING_MS = 1000;
/** At a second signal a lane has so long for making its rig safe, in ms. */
const LEAVE_MS = 3000;

/** One lane process, from its start to its end: whatever it does, what is waited for here ends, by an answer, by its end or by force. */
export class WatchedLane {
  readonly #parts: WatchParts;
  readonly #host: LaneHost;
  #settle: (report: Report | undefined) => void = () => undefined;
  #heardMs: number;
  #loading: string | undefined;
  #loadingMs = 0;
  #isLoaded = false;
  #killed: Killed | undefined;

  /** @param hear gets each report, before whoever waits for it. */
  constructor(parts: WatchParts, hear: (report: Report) => void, sinceMs: number) {
    this.#parts = parts;
    this.#heardMs = parts.clock.now();
    const host = parts.start((report) => {
      this.#note(report);
      hear(report);
      this.#settle(report);
    }, sinceMs);
    this.#host = host;
    void host.ended.then(() => this.#settle(undefined));
    void this.#watch(host);
    const { signal } = parts;
    const stop = () => host.order({ type: "stop", reason: faultOf(signal.reason) });
    signal.addEventListener("abort", stop);
    void host.ended.then(() => signal.removeEventListener("abort", stop));
    if (signal.aborted) stop();
  }

  get isOver(): boolean {
    return this.#host.isOver;
  }

  /** The file of scenarios that is being loaded. */
  get loading(): string | undefined {
    return this.#loading;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Why it was killed, if it was. */
  get killed(): Killed | undefined {
    return this.#killed;
  }

  order(order: Order): void {
    this.#host.order(order);
  }

  /**
   * The next report of this type, or that the lane cannot work; `undefined` when it ends without one, or when something else is
   * waited for from now on: there is one answer at a time.
   */
  until<T extends Report["type"]>(type: T): Promise<Extract<Report, { type: T | "unfit" }> | undefined> {
    this.#settle(undefined);
    return new Promise((done) => {
      this.#settle = (report) => {
        if (report !== undefined && report.type !== type && report.type !== "unfit") return;
        this.#settle = () => undefined;
        done(report as Extract<Report, { type: T | "unfit" }> | undefined);
      };
      if (this.#host.isOver) this.#settle(undefined);
    });
  }

  /** Its time, some grace, then force; once the run is called off the grace alone counts. */
  async within<T>(ms: number, wait: Promise<T>, graceMs = 0): Promise<T> {
    const { clock, signal, patience } = this.#parts;
    const over = new AbortController();
    const settled = wait.finally(() => over.abort());
    const late = clock
      .sleep(ms + graceMs, over.signal)
      .then(() => ({ why: "overdue", timeoutMs: ms, graceMs }) as const);
    const stopped = aborted(signal, over.signal)
      .then(() => clock.sleep(patience.graceMs, over.signal))
      .then(() => ({ why: "stopped" }) as const);
    for (const limit of [late, stopped]) limit.then((killed) => this.#kill(killed)).catch(() => undefined);
    return settled;
  }

  /** Waits for its end, and kills it when that takes too long. */
  async end(): Promise<LaneEnd> {
    const { clock, patience } = this.#parts;
    const over = new AbortController();
    void clock
      .sleep(patience.graceMs, over.signal)
      .then(() => this.#host.kill())
      .catch(() => undefined);
    const end = await this.#host.ended.finally(() => over.abort());
    if (this.#host.garbled) this.#killed = { why: "garbled" };
    return end;
  }

  /** Has it let go of all by itself, and kills it where that takes too long. */
  async leave(): Promise<void> {
    this.order({ type: "stop", reason: faultOf(new HarnessError("ABORTED", "called off for good")) });
    this.order({ type: "end" });
    await Promise.race([this.#host.ended, this.#parts.clock.sleep(LEAVE_MS)]);
    this.#host.kill();
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
        if (now - this.#heardMs > patience.deafMs) this.#kill({ why: "deaf", deafMs: patience.deafMs });
        if (this.#loading !== undefined && now - this.#loadingMs > patience.loadMs)
          this.#kill({ why: "overdue", timeoutMs: patience.loadMs, graceMs: 0 });
      }
    } catch {
      // It has ended.
    }
  }

  #note(report: Report): void {
    this.#heardMs = this.#parts.clock.now();
    switch (report.type) {
      case "loading":
        this.#loading = report.file;
        this.#loadingMs = this.#heardMs;
        break;
      case "loaded":
        this.#loading = undefined;
        this.#isLoaded = true;
        break;
      case "tell":
        this.#parts.tell(report.text);
        break;
      case "ask":
        void this.#ask(report.id, report.prompt);
        break;
    }
  }

  async #ask(id: number, prompt: string): Promise<void> {
    const gone = new AbortController();
    void this.#host.ended.then(() => gone.abort(new HarnessError("ABORTED", "the lane has ended")));
    const answered = this.#parts.ask(prompt, gone.signal).then(
      () => true,
      () => false,
    );
    this.#host.order({ type: "answer", id, ok: await answered });
  }

  #kill(killed: Killed): void {
    if (this.#host.isOver) return;
    this.#killed ??= killed;
    this.#host.kill();
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
