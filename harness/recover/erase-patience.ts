import { HarnessError } from "../base/errors.js";
import { ERASE_MS, type Unanswered } from "../session/erase.js";

/** For an erase once the ROM has shown that it is not busy with one: many times what it takes; a session outlasts it. */
const SHORT_MS = 10_000;
/** So many waits of `ERASE_MS` may pass for nothing in one operation. */
const FULL_WAITS = 2;

const AWAY = "The module said nothing any more: look at its power and at the cable, cut the power, and try again.";
const LOST_SESSION =
  "The module seems to reset itself when it erases: look at its supply, which must bear that, and at CHIP_EN.";

/**
 * How long the erases of one operation are waited for, by what those before have shown. A ROM that answers boot info after
 * a silent erase is not busy: its answer was lost, or its flash gives none, and all further waits are short. One that
 * answers nothing may be busy still: it gets one more full wait.
 */
export class ErasePatience {
  #full = FULL_WAITS;
  /** Those in a row: an erase that is answered ends it. */
  #waits: Unanswered[] = [];

  /** Whether a further try is one too many: the ROM said nothing at all after the first wait, and this was the second. */
  get isSpent(): boolean {
    return this.#waits.length >= FULL_WAITS && this.#waits[0]?.bootInfo === false;
  }

  /**
   * Carries out an erase, for the milliseconds that it is given.
   *
   * @throws HarnessError ERASE_SILENT when it was silent again, and the ROM answered boot info each time, in the session
   * of the erase as far as that could last; else COMMAND_TIMEOUT; both with all the `waits` in a row.
   */
  async spend<T>(erase: (budgetMs: number) => Promise<T>): Promise<T> {
    try {
      const result = await erase(this.#full > 0 ? ERASE_MS : SHORT_MS);
      this.#waits = [];
      return result;
    } catch (error) {
      if (!isUnanswered(error)) {
        this.#waits = [];
        throw error;
      }
      const { command, waitedMs, bootInfo, session } = error.details;
      this.#waits.push({ command, waitedMs, bootInfo, ...(session && { session }) });
      this.#full = bootInfo ? 0 : this.#full - 1;
      throw this.#told(error);
    }
  }

  #told(cause: HarnessError): HarnessError {
    const waits = this.#waits;
    const { waitedMs: _, bootInfo: __, session: ___, ...details } = cause.details;
    const seconds = waits.map(({ waitedMs }) => `${waitedMs / 1000} s`).join(", ");
    const often = waits.length === 1 ? "" : `not answered in ${waits.length} waits (${seconds}); `;
    const message = `${cause.message}; ${often}boot info, asked then, was ${toldOfBootInfo(waits)}`;
    const code = isOfTheFlash(waits) ? "ERASE_SILENT" : "COMMAND_TIMEOUT";
    const isAway = details["bytes"] === "" && waits.every(({ bootInfo }) => !bootInfo);
    const advice = isAway ? AWAY : hasLostSession(waits) ? LOST_SESSION : undefined;
    return new HarnessError(code, message, { cause, details: { ...details, waits }, ...(advice && { advice }) });
  }
}

const hasLostSession = (waits: readonly Unanswered[]): boolean => waits.some(({ session }) => session === "lost");

/** A module that resets itself answers boot info too, and not in the same session. */
const isOfTheFlash = (waits: readonly Unanswered[]): boolean =>
  waits.length > 1 &&
  waits.every(({ bootInfo, session }) => bootInfo && session !== "lost") &&
  waits.some(({ session }) => session === "kept");

function toldOfBootInfo(waits: readonly Unanswered[]): string {
  const answered = waits.filter(({ bootInfo }) => bootInfo).length;
  if (answered === 0) return "not answered either";
  const often =
    waits.length === 1 ? "" : answered === waits.length ? " each time" : ` ${answered} of ${waits.length} times`;
  return `answered${often}${hasLostSession(waits) ? ", in a new session: the module has reset itself" : ": the ROM is there"}`;
}

const isUnanswered = (error: unknown): error is HarnessError & { readonly details: Unanswered } =>
  error instanceof HarnessError && error.code === "COMMAND_TIMEOUT" && "waitedMs" in error.details;
