import { type ErrorCode, HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import { differingSectors } from "../flash/differing.js";
import { sectorsOf } from "../flash/parts.js";
import type { Plan } from "../flash/plan.js";
import { carryOut } from "../flash/program.js";
import { beginWrites, type Step } from "../flash/step.js";
import { refuseUnsuitable } from "../flash/suitable.js";
import type { Session } from "../session/session.js";
import { type Observer, SILENT } from "../session/stage.js";
import { ErasePatience } from "./erase-patience.js";
import { reopen } from "./reopen.js";
import { AT_THE_BENCH, type Recovery } from "./rung.js";
import { Touched } from "./touched.js";
import { isLinkTrouble, mayBeTheLine } from "./trouble.js";

/** A file is begun so often before its trouble is taken for an answer. */
const TRIES = 3;
/** And so often before something is held against the module that it has said only once, among other trouble. */
const MOST_TRIES = 5;

/**
 * Carries out a plan and survives what a line does to it. After any trouble the module is entered anew and the file is
 * begun again, its sectors erased: a chunk that may have arrived is never sent twice into the same stream.
 * Once there was trouble, every file is verified once more at the end, since nobody knows what a damaged command did
 * elsewhere.
 *
 * @param touched is kept, for whoever tells what an early end leaves behind.
 * @param patience of the operation that this is a part of.
 * @returns the session that is open at the end.
 * @throws HarnessError with the module untouched: see `refuseUnsuitable`; else the trouble that stayed after three tries.
 */
export async function programModule(
  session: Session,
  plan: Plan,
  deadline: Deadline,
  observer: Observer = SILENT,
  recovery: Recovery = AT_THE_BENCH,
  touched = new Touched(plan),
  patience = new ErasePatience(),
): Promise<Session> {
  beginWrites(plan.steps);
  const patient = new Patient(session, plan, deadline, observer, recovery, touched, patience);
  await patient.agree();
  const files = chapters(plan.steps.filter(({ op }) => op !== "verify-again"));
  for (const steps of files) await patient.work(steps);
  for (const step of plan.steps) if (step.op === "verify-again") await patient.again(step, files);
  for (let round = 1; patient.trouble !== undefined; round++) {
    if (round > TRIES) throw patient.trouble;
    patient.trouble = undefined;
    for (const steps of files) await patient.check(steps);
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
  /** The last trouble since somebody looked. */
  trouble: HarnessError | undefined;
  readonly #plan: Plan;
  readonly #deadline: Deadline;
  readonly #observer: Observer;
  readonly #recovery: Recovery;
  readonly #touched: Touched;
  readonly #patience: ErasePatience;

  constructor(
    session: Session,
    plan: Plan,
    deadline: Deadline,
    observer: Observer,
    recovery: Recovery,
    touched: Touched,
    patience: ErasePatience,
  ) {
    this.session = session;
    this.#plan = plan;
    this.#deadline = deadline;
    this.#observer = observer;
    this.#recovery = recovery;
    this.#touched = touched;
    this.#patience = patience;
  }

  /** What the module says of itself decides whether it is touched at all: a damaged answer is asked for anew. */
  async agree(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await refuseUnsuitable(this.session, this.#plan, this.#deadline);
      } catch (error) {
        if (!isLinkTrouble(error) || attempt === TRIES) throw error;
        this.#tellAgain(error);
        this.session = await reopen(this.session, this.#deadline, this.#observer, this.#recovery);
      }
    }
  }

  async work(steps: readonly Step[]): Promise<void> {
    let todo = steps;
    const seen = new Set<ErrorCode>();
    let mismatches = 0;
    for (let attempt = 1; ; attempt++) {
      try {
        for (const step of todo) await this.#carryOut(step);
        return;
      } catch (error) {
        if (!this.#isWorthATry(error)) throw error;
        if (error.code === "VERIFY_MISMATCH") mismatches++;
        const sure = error.blame !== "module" || seen.has(error.code);
        if (attempt >= (sure ? TRIES : MOST_TRIES)) throw await this.#located(error, steps, mismatches);
        seen.add(error.code);
        this.trouble = error;
        this.#tellAgain(error);
        this.session = await reopen(this.session, this.#deadline, this.#observer, this.#recovery);
        todo = anew(steps, this.#plan);
      }
    }
  }

  /**
   * A file that differed each time that it was programmed is told with what was tried, and with where it differs. Where its
   * bytes can be read back as they must be, it is the answer that is wrong: nothing is held against the module.
   */
  async #located(error: HarnessError, steps: readonly Step[], times: number): Promise<HarnessError> {
    const [span] = spansOf(steps);
    if (error.code !== "VERIFY_MISMATCH" || span === undefined) return error;
    const { sectors, told } = await differingSectors(this.session, this.#plan, span.address, this.#deadline);
    const erased = anew(steps, this.#plan).some(({ op }) => op === "erase");
    const tried = `${erased ? "erased and programmed" : "programmed"} ${times === 1 ? "once" : `${times} times`}`;
    const code = sectors?.length === 0 ? "REPLY_MALFORMED" : error.code;
    return new HarnessError(code, `${error.message}; ${tried}, and wrong each time; ${told}`, {
      cause: error,
      details: { ...error.details, times, ...(sectors && { sectors }) },
      advice:
        sectors?.length === 0
          ? "The cells hold the file, and the hash does not say so: look at the line, lower serial.loadBaud."
          : "More tries of the same kind will hardly help: sectors that stay wrong are worn or broken, and so is the module. Put another one on the rig.",
    });
  }

  async #carryOut(step: Step): Promise<void> {
    this.#touched.begin(step);
    const observer = this.#touched.watched(this.#observer);
    const work = (eraseMs?: number) => carryOut(step, this.session, this.#deadline, observer, eraseMs);
    await (step.op === "erase" || step.op === "erase-chip" ? this.#patience.spend(work) : work());
    this.#touched.end(step);
  }

  /** One that is not what it was, or whose answer was lost, is trouble: all are looked at then. */
  async again(
    step: Extract<Step, { op: "verify" | "verify-again" }>,
    files: readonly (readonly Step[])[],
  ): Promise<void> {
    if (this.trouble !== undefined) return;
    const steps = files.find((all) => all.some((one) => "file" in one && one.file === step.file)) ?? [];
    await this.check(steps, [step]);
  }

  /** Verifies a file that was verified before; one that has changed since is written again. */
  async check(
    steps: readonly Step[],
    verify = steps.filter(({ op }) => op === "verify" || op === "read-back"),
  ): Promise<void> {
    try {
      for (const step of verify) await carryOut(step, this.session, this.#deadline, this.#observer);
    } catch (error) {
      if (!this.#isWorthATry(error)) throw error;
      this.trouble = error;
      this.#tellAgain(error);
      this.session = await reopen(this.session, this.#deadline, this.#observer, this.#recovery);
      await this.work(anew(steps, this.#plan));
    }
  }

  #tellAgain({ message }: HarnessError): void {
    this.#observer.note?.(`${this.session.rig.name}: ${message}; begun again`, "again");
  }

  #isWorthATry(error: unknown): error is HarnessError {
    if (this.#deadline.signal.aborted || this.#deadline.remainingMs === 0 || this.#patience.isSpent) return false;
    return (
      mayBeTheLine(error) || (error instanceof HarnessError && ["NOT_IN_ROM", "ERASE_SILENT"].includes(error.code))
    );
  }
}

/**
 * The same file from its beginning. Its sectors are erased before, since they may hold anything by now; but only what the
 * plan itself erases, and nothing that another file lies in: programming the same bytes again harms nothing.
 */
function anew(steps: readonly Step[], plan: Plan): Step[] {
  const spans = spansOf(steps);
  if (spans.length === 0) return [...steps];
  const others = spansOf(plan.steps).filter(({ file }) => spans.every((span) => span.file !== file));
  const erases = sectorsOf(spans).filter(
    (erase) =>
      isErasedBy(plan, erase) && !sectorsOf(others).some((other) => other.start < erase.end && other.end > erase.start),
  );
  return [...erases, ...steps.filter(({ op }) => op !== "erase")];
}

const spansOf = (steps: readonly Step[]) =>
  steps.flatMap((step) =>
    step.op === "verify" ? [{ file: step.file, address: step.address, bytes: { length: step.bytes } }] : [],
  );

/** An erase takes whole sectors, whatever its ends say. */
const isErasedBy = ({ steps }: Plan, { start, end }: { start: number; end: number }): boolean =>
  steps.some((step) => {
    if (step.op === "erase-chip") return true;
    if (step.op !== "erase") return false;
    const [whole] = sectorsOf([{ address: step.start, bytes: { length: step.end - step.start } }]);
    return whole !== undefined && whole.start <= start && whole.end >= end;
  });
