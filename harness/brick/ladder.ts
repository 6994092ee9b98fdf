import { HarnessError } from "../base/errors.js";
import type { Rig } from "../base/wire.js";
import { LAST_RUNG, tellRung } from "../recover/rung.js";
import type { Observer, Recovered } from "../session/stage.js";
import type { Interrupted } from "./interrupt.js";

/** What the ladder did: as the observer was told, and kept. */
export class LadderLog {
  readonly observer: Observer;
  readonly #tried: string[] = [];
  #last: { readonly state: Recovered; readonly rung: number } | undefined;
  #lastOk = true;

  constructor(observer: Observer) {
    this.observer = {
      ...observer,
      rung: (rung, what, ok) => {
        this.#tried.push(tellRung(rung, what, ok));
        this.#lastOk = ok;
        observer.rung?.(rung, what, ok);
      },
      recovered: (state, rung) => {
        this.#last = { state, rung };
        observer.recovered?.(state, rung);
      },
    };
  }

  /** How it ended the last time; `undefined`: nobody climbed. */
  get last(): { readonly state: Recovered; readonly rung: number } | undefined {
    return this.#last;
  }

  /** Rungs were climbed, and the last of them did not help. */
  get isLost(): boolean {
    return !this.#lastOk;
  }

  /** A module that nothing helped, with what was tried and what was seen; the ladder's end is told, if it was not. */
  bricked({ name }: Rig, { by }: Interrupted, trouble: HarnessError): HarnessError {
    if (this.#last?.state !== "bricked") this.observer.recovered?.("bricked", LAST_RUNG);
    const { code, message, details } = trouble;
    return new HarnessError(
      "MODULE_BRICKED",
      `${name}: interrupted at ${by}, and nothing brought the module back. Tried: ${this.#tried.join("; ")}. Seen at last: ${message}`,
      { cause: trouble, details: { by, tried: this.#tried, seen: { code, message, ...details } } },
    );
  }
}
