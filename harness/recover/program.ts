import { type ErrorCode, HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import { sectorsOf } from "../flash/parts.js";
import type { Plan } from "../flash/plan.js";
import { carryOut } from "../flash/program.js";
import type { Step } from "../flash/step.js";
import { refuseUnsuitable } from "../flash/suitable.js";
import type { Session } from "../session/session.js";
import { type Observer, SILENT } from "../session/stage.js";
import { reopen } from "./reopen.js";
import { isLinkTrouble } from "./trouble.js";

/** A file is begun so often before its trouble is taken for an answer. */
const TRIES = 3;

/** What a damaged byte can look like beside silence: a refusal of what was never sent, or bytes that are not the file's. */
const MAY_BE_THE_LINE: readonly ErrorCode[] = ["COMMAND_REFUSED", "VERIFY_MISMATCH", "NOT_IN_ROM"];

/**
 * Carries out a plan and survives what a line does to it. After any trouble the module is entered anew and the file is
 * begun again, its sectors erased: a chunk that may have arrived is never sent twice into the same stream. Once there was
 * trouble, every file is verified once more at the end, since nobody knows what a damaged command did elsewhere.
 *
 * @returns the session that is open at the end.
 * @throws HarnessError with the module untouched: see `refuseUnsuitable`; else the trouble that stayed after three tries.
 */
export async function programModule(
  session: Session,
  plan: Plan,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<Session> {
  const patient = new Patient(session, deadline, observer);
  await patient.agree(plan);
  for (const steps of chapters(plan.steps)) await patient.work(steps);
  for (let round = 0; patient.hadTrouble && round < TRIES; round++) {
    patient.hadTrouble = false;
    for (const steps of chapters(plan.steps)) await patient.check(steps);
  }
  return patient.session;
}

/** The steps of one file, or those before the first file; each can be begun again by itself. */
function chapters(steps: readonly Step[]): Step[][] {
  const found: Step[][] = [];
  let file: string | undefined;
  for (const step of steps) {
    const of = "file" in step ? step.file : undefined;
    const belongs = of === undefined ? found.length > 0 && file === undefined : of === file;
    if (found.length === 0 || !(belongs || (step.op === "erase" && file !== undefined && of === undefined))) {
      found.push([]);
    }
    found.at(-1)?.push(step);
    file = of ?? file;
  }
  return found;
}

class Patient {
  session: Session;
  hadTrouble = false;
  readonly #deadline: Deadline;
  readonly #observer: Observer;

  constructor(session: Session, deadline: Deadline, observer: Observer) {
    this.session = session;
    this.#deadline = deadline;
    this.#observer = observer;
  }

  /** What the module says of itself decides whether it is touched at all: a damaged answer is asked for anew. */
  async agree(plan: Plan): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await refuseUnsuitable(this.session, plan, this.#deadline);
      } catch (error) {
        if (!isLinkTrouble(error) || attempt === TRIES) throw error;
        this.session = await reopen(this.session, this.#deadline, this.#observer);
      }
    }
  }

  async work(steps: readonly Step[]): Promise<void> {
    let todo = steps;
    for (let attempt = 1; ; attempt++) {
      try {
        for (const step of todo) await carryOut(step, this.session, this.#deadline, this.#observer);
        return;
      } catch (error) {
        if (!this.#isWorthATry(error) || attempt === TRIES) throw error;
        this.hadTrouble = true;
        this.#observer.note?.(`${this.session.rig.name}: ${error.message}; begun again`);
        this.session = await reopen(this.session, this.#deadline, this.#observer);
        todo = anew(steps);
      }
    }
  }

  /** Verifies a file that was verified before; one that has changed since is written again. */
  async check(steps: readonly Step[]): Promise<void> {
    const verify = steps.filter(({ op }) => op === "verify" || op === "read-back");
    try {
      for (const step of verify) await carryOut(step, this.session, this.#deadline, this.#observer);
    } catch (error) {
      if (!this.#isWorthATry(error)) throw error;
      this.hadTrouble = true;
      this.session = await reopen(this.session, this.#deadline, this.#observer);
      await this.work(anew(steps));
    }
  }

  #isWorthATry(error: unknown): error is HarnessError {
    if (this.#deadline.signal.aborted || this.#deadline.remainingMs === 0) return false;
    return isLinkTrouble(error) || (error instanceof HarnessError && MAY_BE_THE_LINE.includes(error.code));
  }
}

/** The same file from its beginning, over cells that may hold anything. */
function anew(steps: readonly Step[]): Step[] {
  const parts = steps.flatMap((step) =>
    step.op === "verify" ? [{ file: step.file, address: step.address, bytes: { length: step.bytes } }] : [],
  );
  return [...sectorsOf(parts), ...steps.filter(({ op }) => op !== "erase" || parts.length === 0)];
}
