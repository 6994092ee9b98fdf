import { HarnessError } from "../base/errors.js";
import type { Aside, Fault, Outcome } from "../base/events.js";
import { randomOf } from "../base/random.js";
import { Deadline } from "../base/time.js";
import type { Bay, Rig } from "../base/wire.js";
import { FIRST_DESTRUCTIVE, LAST_RUNG, type Recovery } from "../recover/rung.js";
import { benchOf } from "./bench.js";
import { type Attempted, runBody } from "./body.js";
import type { CaseTrace } from "./case-trace.js";
import { Climbed } from "./climbed.js";
import type { Context } from "./context.js";
import { controlled, referenceIn } from "./control.js";
import type { Evidence } from "./evidence.js";
import type { Case } from "./matrix.js";
import { observerOf } from "./observer.js";
import { Contents, type OnModule } from "./on-module.js";
import { outcomeOf } from "./outcome.js";
import type { Firmware } from "./scenario.js";
import { cannotBegin, isSame, setUp } from "./set-up.js";

/** One case on a rig that is open: what it begins with, its body, and whose fault it was. */
export class Trial {
  readonly #case: Case;
  readonly #rig: Rig;
  readonly #bay: Bay;
  readonly #context: Context & { readonly module: OnModule };
  readonly #evidence: Evidence;
  readonly #trace: CaseTrace;

  constructor(
    one: Case,
    rig: Rig,
    bay: Bay,
    context: Context & { readonly module: OnModule },
    evidence: Evidence,
    trace: CaseTrace,
  ) {
    this.#case = one;
    // No scenario burns a fuse, whatever the rig file allows.
    this.#rig = { ...rig, allow: { ...rig.allow, efuse: false } };
    this.#bay = bay;
    this.#context = context;
    this.#evidence = evidence;
    this.#trace = trace;
  }

  /** Each part of it has the case's whole time. */
  async run(): Promise<Attempted> {
    const { module, signal } = this.#context;
    const { after, firmwares } = this.#case;
    const candidate = after ?? firmwares.at(-1);
    const unready = await this.#begin();
    if (unready !== undefined) return { outcome: unready, settled: true };
    const contents = new Contents(module.firmware);
    module.firmware = undefined;
    const attempted = await this.#attempt(contents);
    const { verdict } = attempted.outcome;
    if (verdict === "failed" && candidate !== undefined && attempted.settled)
      return { ...(await this.#control(attempted.outcome, candidate)), settled: true };
    if (!contents.isTouched && verdict === "passed") module.firmware = contents.flashed;
    if (verdict !== "passed" || after === undefined) return attempted;
    const { flashed } = contents;
    if (after !== flashed && !holdSame(after, flashed))
      return { ...attempted, outcome: outcomeOf(otherThanSaid(after, flashed), signal) };
    module.firmware = after;
    module.proven = after;
    return attempted;
  }

  /** Its files alone have told what it comes to, which no rig can change; whether the rig is good is looked at all the same. */
  async convict(outcome: Outcome): Promise<Attempted> {
    const { after } = this.#case;
    if (outcome.verdict !== "failed" || after === undefined) return { outcome, settled: true };
    const came = await this.#control(outcome, after);
    return { outcome: came.outcome.verdict === "aborted" ? came.outcome : outcome, settled: true };
  }

  /**
   * Puts on the module what the case begins with. Where that fails on a rig that takes the known-good firmware, it is tried
   * once more: no case is to be lost to a trouble that passes. Of a case that ends with the same firmware it is the answer, and
   * of one whose beginning no other case judges.
   *
   * @returns what the case comes to without having begun; `undefined`: it begins.
   */
  async #begin(): Promise<Outcome | undefined> {
    const { before, after } = this.#case;
    const { module, signal, isBeforeJudged = true } = this.#context;
    for (let isAgain = false; ; isAgain = true) {
      const climbed = new Climbed();
      const bench = this.#bench(new Contents(undefined), this.#deadline(), { aside: "set-up", climbed });
      const came = await setUp(this.#case, module, bench, signal);
      const outcome = came && this.#trace.diagnosed(came);
      if (outcome?.verdict !== "failed" || outcome.fault === undefined || before === undefined) return outcome;
      const { fault } = outcome;
      if (this.#judgesModule) return fault.blame === "module" ? this.#bricked(before, fault, climbed) : outcome;
      const controlled = await this.#control(outcome, before);
      if (controlled.outcome !== outcome) return controlled.outcome;
      if (controlled.isControlled && !isAgain) {
        const message = `${before.label} could not be set up, and is tried once more: ${fault.code}: ${fault.message}`;
        this.#evidence.emit({ type: "note", case: this.#case.name, message, trouble: true, again: true });
        continue;
      }
      if (isSame(before, after) || !isBeforeJudged) return outcome;
      if (controlled.isControlled) module.refused.set(before.label, fault);
      return cannotBegin(before, fault);
    }
  }

  /** The ladder itself is at work: its last rung is the control experiment, and it is the module that is judged. */
  get #judgesModule(): boolean {
    return this.#case.ladder >= FIRST_DESTRUCTIVE;
  }

  /** Not even what the case begins with can be put on the module, by any rung. */
  #bricked({ label }: Firmware, fault: Fault, climbed: Climbed): Outcome {
    const { signal } = this.#context;
    if (!climbed.isBricked)
      this.#evidence.emit({ type: "recovered", case: this.#case.name, state: "bricked", rung: LAST_RUNG });
    return outcomeOf(climbed.bricked(this.#bay.name, `${label} cannot be put on it`, fault), signal);
  }

  async #control(outcome: Outcome, candidate: Firmware) {
    if (this.#judgesModule) return { outcome, isControlled: false };
    const { emit } = this.#evidence;
    const { name } = this.#case;
    const { module, known = { trouble: `${this.#bay.name} names no reference firmware` } } = this.#context;
    const [observer, deadline] = [this.#trace.begun(observerOf(emit, name, "control"), "control"), this.#deadline()];
    return controlled(outcome, candidate, {
      rig: this.#proving(),
      case: name,
      emit,
      observer,
      deadline,
      module,
      known,
    });
  }

  /** What a case asks over SPI, the known-good firmware must answer there as well. */
  #proving(): Rig {
    const { bootProof } = this.#rig;
    if (!this.#case.needs.includes("spi") || bootProof.includes("at")) return this.#rig;
    return { ...this.#rig, bootProof: [...bootProof.filter((each) => each !== "none"), "at"] };
  }

  /** The body alone. A module that no rung helped is called that, whatever it said last. */
  async #attempt(contents: Contents): Promise<Attempted> {
    const deadline = this.#deadline();
    const climbed = new Climbed();
    const attempted = await runBody(this.#case, this.#bench(contents, deadline, { climbed }), deadline);
    const told = { ...attempted, outcome: this.#trace.diagnosed(attempted.outcome) };
    const { verdict, fault } = told.outcome;
    const isBricked = verdict === "failed" && fault?.blame === "module" && climbed.isBricked;
    if (!isBricked || fault.code === "MODULE_BRICKED") return told;
    const outcome = outcomeOf(climbed.bricked(this.#bay.name, "the case went wrong", fault), deadline.signal);
    return { ...told, outcome };
  }

  #bench(contents: Contents, deadline: Deadline, beside: { readonly aside?: Aside; readonly climbed?: Climbed } = {}) {
    const { seed } = this.#context;
    const { name } = this.#case;
    const recovery = this.#recovery();
    const random = randomOf(seed, name);
    const of = { evidence: this.#evidence, trace: this.#trace, rig: this.#rig, sacrificial: this.#isSacrificial };
    return benchOf({ case: name, ...of, recovery, deadline, random, contents, ...beside });
  }

  get #isSacrificial(): boolean {
    return this.#bay.simulated || this.#bay.labels.includes("sacrificial");
  }

  /** How far trouble is followed up the recovery ladder: as the scenario says, and as far as the module may be lost. */
  #recovery(): Recovery {
    const { known } = this.#context;
    const reference = known && referenceIn(known);
    const last = reference === undefined ? FIRST_DESTRUCTIVE : LAST_RUNG;
    const most = this.#isSacrificial ? last : FIRST_DESTRUCTIVE - 1;
    return { top: Math.min(this.#case.ladder, most), reference };
  }

  #deadline(): Deadline {
    const { name, timeoutMs } = this.#case;
    const { clock, signal } = this.#context;
    return Deadline.in(timeoutMs, `case ${name}`, clock, signal, "CASE_TIMEOUT");
  }
}

/** One that is flashed in another way, after a chip erase for one, bears another name and leaves the same bytes. */
function holdSame(one: Firmware, other: Firmware | undefined): boolean {
  if (other === undefined) return false;
  const [ours, others] = [one, other].map((each) => each.load().files);
  return (
    ours?.length === others?.length &&
    (ours ?? []).every(({ address, bytes }) =>
      others?.some((file) => file.address === address && Buffer.from(file.bytes).equals(bytes)),
    )
  );
}

function otherThanSaid({ label }: Firmware, flashed: Firmware | undefined): HarnessError {
  const found =
    flashed === undefined ? "what it did last is not known to have put that there" : `it flashed ${flashed.label} last`;
  return new HarnessError(
    "SCENARIO_INVALID",
    `the scenario says that ${label} is on the module after it, but ${found}`,
  );
}
