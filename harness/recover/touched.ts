import { asHarnessError, HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Plan } from "../flash/plan.js";
import type { Step } from "../flash/step.js";
import type { Observer } from "../session/stage.js";

type Write = Extract<Step, { op: "write" }>;

const FROM_NOTHING = "Flash it again with the same arguments: that begins from nothing.";
/** A plan without an erase refuses what it has left half written. */
const ERASE_FIRST = "Erase what was written, then flash it again: nothing else lets it begin anew.";

/** What was done to a flash so far, so that whatever ends the work early says what the module is left with. */
export class Touched {
  readonly #plan: Plan;
  readonly #writes: readonly Write[];
  /** Bytes by address of the write. */
  readonly #written = new Map<number, number>();
  #current: Step | undefined;
  #erase: "none" | "begun" | "sectors" | "chip" = "none";

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#writes = plan.steps.filter((step) => step.op === "write");
  }

  /** Goes on where another plan was given up for this one. */
  follow(before: Touched): void {
    this.#erase = before.#erase;
  }

  begin(step: Step): void {
    this.#current = step;
    if (step.op === "erase-chip") this.#written.clear();
    else if (step.op === "erase") this.#forget(step.start, step.end);
    else if (step.op === "write") this.#written.set(step.address, 0);
    if (this.#erase === "none" && step.op.startsWith("erase")) this.#erase = "begun";
  }

  end(step: Step): void {
    this.#current = undefined;
    if (step.op === "erase-chip") this.#erase = "chip";
    else if (step.op === "erase" && this.#erase !== "chip") this.#erase = "sectors";
    else if (step.op === "write") this.#written.set(step.address, step.bytes);
  }

  /** The same observer; the progress of a write is counted here too. */
  watched(observer: Observer): Observer {
    return {
      begin: (stage) => observer.begin?.(stage),
      stage: (stage) => observer.stage(stage),
      waiting: (what, mostMs) => observer.waiting?.(what, mostMs),
      wear: (erase) => observer.wear?.(erase),
      note: (message, again) => observer.note?.(message, again),
      progress: (stage, done, total) => {
        const step = this.#current;
        if (step?.op === "write") this.#written.set(step.address, Math.floor((step.bytes * done) / total));
        observer.progress?.(stage, done, total);
      },
    };
  }

  /** `thrown`, or why the work was called off, with what the module is left with. Untouched, it is what it was. */
  tell(thrown: unknown, deadline: Deadline): unknown {
    if (this.#erase === "none" && this.#written.size === 0) return thrown;
    const writtenBytes = [...this.#written.values()].reduce((sum, bytes) => sum + bytes, 0);
    const totalBytes = this.#writes.reduce((sum, { bytes }) => sum + bytes, 0);
    return leftWith(thrown, deadline, {
      state: `${this.#toldErase()}${this.#toldWrites(writtenBytes, totalBytes)}`,
      again: this.#plan.steps.some(({ op }) => op.startsWith("erase")) ? FROM_NOTHING : ERASE_FIRST,
      flash: { erase: this.#erase, writtenBytes, totalBytes },
    });
  }

  #forget(start: number, end: number): void {
    for (const address of this.#written.keys()) if (address >= start && address < end) this.#written.delete(address);
  }

  #toldErase(): string {
    if (this.#erase === "none") return "";
    if (this.#erase === "begun") return "an erase was begun, and whether it was done is not known; ";
    return this.#erase === "chip" ? "the chip is erased and " : "sectors are erased and ";
  }

  #toldWrites(written: number, total: number): string {
    const { signed, label } = this.#plan;
    if (written === total) return "everything is written, but not all of it is proven";
    const percent = Math.floor((100 * written) / total);
    const whole = signed.length > 0 ? "it holds no whole firmware" : `${label} is not whole on it`;
    return `${percent} % is written (${written} of ${total} bytes): ${whole}`;
  }
}

interface Left {
  /** What the module is left with. */
  readonly state: string;
  /** What is done next. */
  readonly again: string;
  readonly flash: Readonly<Record<string, unknown>>;
}

/**
 * An error that also says what the flash is left with; `flash` in its details for programs. Work that was called off ends
 * with the reason for that, whatever failed because of it.
 */
export function leftWith(thrown: unknown, { signal }: Deadline, { state, again, flash }: Left): unknown {
  if (thrown instanceof HarnessError && "flash" in thrown.details) return thrown;
  const cause = signal.aborted ? signal.reason : thrown;
  const { code, blame, message, advice, details } = asHarnessError(cause);
  return new HarnessError(code, `${message}; ${state}`, {
    cause,
    advice: blame === "operator" ? again : `${advice} ${again}`,
    details: { ...details, flash },
  });
}
