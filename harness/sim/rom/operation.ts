import type { Clock } from "../../base/time.js";
import type { Faults } from "../faults/faults.js";
import type { Fault, FaultStage } from "../faults/options.js";
import type { SimOptions } from "../options.js";
import type { Nor, Work } from "../silicon/nor.js";
import { inSteps } from "../time/steps.js";
import { Refusal } from "./refusal.js";

const SECOND_MS = 1000;

interface Parts {
  readonly nor: Nor;
  readonly clock: Clock;
  readonly random: () => number;
  readonly faults: Faults;
  /** Aborts when the module is reset. */
  readonly signal: AbortSignal;
  readonly options: Pick<SimOptions, "flash">;
}

/** A fault and when it happens, as if no time varied. */
interface Due {
  readonly fault: Fault;
  readonly atMs: number;
}

/** What one command makes the flash do, piece by piece, and the faults that happen meanwhile. */
export class Operation {
  readonly #parts: Parts;
  /** The next first. */
  readonly #faults: Due[];
  readonly #totalMs: number;
  #doneMs = 0;
  #lost = false;

  /** @param totalMs of all its pieces. */
  constructor(parts: Parts, stage: FaultStage, totalMs: number) {
    this.#parts = parts;
    this.#totalMs = totalMs;
    this.#faults = parts.faults
      .operation(stage)
      .map((fault) => ({ fault, atMs: fault.at.kind === "stage" ? fault.at.fraction * totalMs : 0 }))
      .sort((a, b) => a.atMs - b.atMs);
  }

  /**
   * Spends a piece's time, and does its work at its end.
   *
   * @param work none for a hash, and for a flash that does nothing.
   * @param second is called about every second while it goes on.
   * @throws Refusal where a fault makes the flash fail.
   */
  async piece(ms: number, work?: Work, second?: () => Promise<void>): Promise<void> {
    const { nor, clock, signal } = this.#parts;
    const factor = this.#factor();
    const mine = this.#takeFaults(ms);
    const delaysMs = mine.reduce((sum, { fault }) => sum + (fault.do === "delay" ? fault.forMs : 0), 0);
    if (work !== undefined && !this.#lost) nor.begin(work, clock.now(), ms * factor + delaysMs);
    const end = this.#doneMs + ms;
    // Nearly always: nothing happens meanwhile.
    if (mine.length === 0 && second === undefined) await clock.sleep(ms * factor, signal);
    else await this.#pass(end, factor, mine, second);
    this.#doneMs = end;
    nor.finish();
  }

  /** Many pieces of `ms` each, one after the other. @throws Refusal as `piece`. */
  async pieces(ms: number, works: readonly Work[]): Promise<void> {
    const [first, ...others] = works;
    if (first === undefined) return;
    if (this.#faults.length > 0) {
      for (const work of works) await this.piece(ms, work);
      return;
    }
    const { nor, clock, signal } = this.#parts;
    const left = others.values();
    const begin = (work: Work): number => {
      const own = ms * this.#factor();
      nor.begin(work, clock.now(), own);
      return own;
    };
    const step = () => {
      this.#doneMs += ms;
      nor.finish();
      const { value: next } = left.next();
      return next && begin(next);
    };
    await inSteps(clock, begin(first), step, signal);
  }

  /** By how much a piece takes longer or shorter than it would: every time varies evenly. */
  #factor(): number {
    const { random, options } = this.#parts;
    return 1 + options.flash.jitter * (2 * random() - 1);
  }

  /** Time up to `end`, with what happens until then. */
  async #pass(
    end: number,
    factor: number,
    mine: readonly Due[],
    second: (() => Promise<void>) | undefined,
  ): Promise<void> {
    for (const { fault, atMs } of mine) {
      await this.#spend((atMs - this.#doneMs) * factor, second);
      this.#doneMs = Math.max(this.#doneMs, atMs);
      await this.#befall(fault);
    }
    await this.#spend((end - this.#doneMs) * factor, second);
  }

  async #spend(ms: number, second: (() => Promise<void>) | undefined): Promise<void> {
    const { clock, signal } = this.#parts;
    let leftMs = ms;
    for (; second !== undefined && leftMs > SECOND_MS; leftMs -= SECOND_MS) {
      await clock.sleep(SECOND_MS, signal);
      await second();
    }
    await clock.sleep(leftMs, signal);
  }

  /** Those that fall into the next `ms`; into the last piece also those of its very end. */
  #takeFaults(ms: number): Due[] {
    if (this.#faults.length === 0) return [];
    const end = this.#doneMs + ms;
    // Sums of times may differ in their last digits.
    const last = end > this.#totalMs - 1e-6;
    const count = this.#faults.filter(({ atMs }) => last || atMs < end).length;
    return this.#faults.splice(0, count);
  }

  async #befall(fault: Fault): Promise<void> {
    const { nor, clock, faults, signal } = this.#parts;
    if (fault.do === "delay") await clock.sleep(fault.forMs, signal);
    if (fault.do === "drop" || typeof fault.do === "object") {
      this.#lost = true;
      nor.abandon();
    }
    if (typeof fault.do === "object") throw new Refusal(fault.do.refuse);
    faults.strike(fault);
    signal.throwIfAborted();
  }
}
