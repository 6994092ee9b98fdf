import type { Deadline } from "../base/time.js";
import type { Range } from "../firmware/package.js";
import { differingIn, isAnother, piecesOf } from "../flash/bisect.js";
import { mendingOf } from "../flash/delta-plan.js";
import type { Plan } from "../flash/plan.js";
import type { Extent } from "../flash/spared.js";
import { refuseUnsuitable } from "../flash/suitable.js";
import { type Stretch, unwanted, wantedOf } from "../flash/wanted.js";
import { type Session, sureJedec } from "../session/session.js";
import { type Observer, stopwatch } from "../session/stage.js";
import { Asking } from "./asking.js";
import type { ErasePatience } from "./erase-patience.js";
import { programModule } from "./program.js";
import { isOfTheModule, type Recovery } from "./rung.js";
import { Touched } from "./touched.js";

/** On a line that brings trouble again and again. */
const MOST_TURNS = 3;

const DEARER = "so much differs that all of it costs less";
const HASHES_NOT = "the device does not hash its flash";

/** What was compared and what was done about it, in bytes of flash. */
export interface DeltaFacts {
  /** Each of them was in a hash, or in a file of which no sample was as it must be. */
  readonly hashed: number;
  readonly differing: readonly Range[];
  readonly sent: number;
  /** Neither erased nor written. */
  readonly skipped: number;
}

/** Makes a module's flash what a plan wants, by what differs alone. */
export class Mending {
  /** Of the last change, for whoever goes on or tells of an early end; `undefined`: nothing was changed. */
  touched: Touched | undefined;
  readonly #asking: Asking;
  readonly #plan: Plan;
  readonly #deadline: Deadline;
  readonly #observer: Observer;
  readonly #recovery: Recovery;
  readonly #patience: ErasePatience;
  readonly #differing: Range[] = [];
  #stretches: readonly Stretch[] = [];
  #others: ReadonlySet<Stretch> = new Set();
  #hashed = 0;
  #sent = 0;

  constructor(
    session: Session,
    plan: Plan,
    deadline: Deadline,
    observer: Observer,
    recovery: Recovery,
    patience: ErasePatience,
  ) {
    this.#asking = new Asking(session, deadline, observer, recovery);
    this.#plan = plan;
    this.#deadline = deadline;
    this.#observer = observer;
    this.#recovery = recovery;
    this.#patience = patience;
  }

  get session(): Session {
    return this.#asking.session;
  }

  get facts(): DeltaFacts {
    const differing = this.#differing.toSorted((one, other) => one.address - other.address);
    const mended = differing.reduce((sum, { bytes }) => sum + bytes, 0);
    return { hashed: this.#hashed, differing, sent: this.#sent, skipped: this.#hashed - mended };
  }

  /**
   * @returns why the plan itself is to be carried out instead; `undefined`: every byte was hashed, and is as it must be, since
   * the last command that could change one.
   * @throws HarnessError with the module untouched: see `refuseUnsuitable`; trouble of the line that stayed.
   */
  async run(): Promise<string | undefined> {
    try {
      return await this.#run();
    } catch (error) {
      throw this.touched === undefined ? error : this.touched.tell(error, this.#deadline);
    }
  }

  async #run(): Promise<string | undefined> {
    const [plan, asking] = [this.#plan, this.#asking];
    const unfit = unwanted(plan);
    if (unfit !== undefined) return unfit;
    await asking.sure((session) => refuseUnsuitable(session, plan, this.#deadline));
    const { flashBytes } = await asking.sure((session) => sureJedec(session, this.#deadline));
    this.#stretches = wantedOf(plan, flashBytes);
    const others = new Set<Stretch>();
    this.#others = others;
    for (const stretch of this.#stretches) {
      const [piece] = piecesOf(stretch);
      if (asking.cost.isUnknown && piece !== undefined && (await asking.digest(piece)) === undefined) return HASHES_NOT;
      if (await isAnother(stretch, asking.equalIn(stretch))) others.add(stretch);
    }
    return others.size > 0 && this.#isDearer(-1, 0) ? DEARER : this.#turns();
  }

  /**
   * From stretch to stretch, again and again, until each was equal since the last change: what is found early is mended
   * early, and only what came before it is asked for twice. One hash of the whole at each end would take twice as long.
   */
  async #turns(): Promise<string | undefined> {
    const count = this.#stretches.length;
    const asking = this.#asking;
    for (let at = 0, sure = 0; sure < count; at++) {
      const stretch = this.#stretches[at % count];
      if (stretch === undefined || (at > MOST_TURNS * count && asking.trouble !== undefined)) throw asking.trouble;
      asking.trouble = undefined;
      const runs = at < count ? await this.#compare(stretch) : [];
      if (runs.length > 0) {
        if (this.#isDearer(at, this.#mendMs(stretch, runs))) return DEARER;
        const failed = await this.#mend(stretch, runs);
        if (failed !== undefined) return this.#mistrust(failed);
        sure = 0;
        continue;
      }
      if (at >= count && !(await this.#isSame(stretch))) return this.#mistrust(`${stretch.what} is not what it was`);
      sure = asking.trouble === undefined ? sure + 1 : 0;
    }
    return undefined;
  }

  /** What differs in a stretch. */
  async #compare(stretch: Stretch): Promise<Extent[]> {
    const { what, bytes } = stretch;
    const search = () => differingIn(stretch, this.#asking.equalIn(stretch), this.#asking.cost);
    const runs = this.#others.has(stretch)
      ? [all(stretch)]
      : await this.#timed(`compare ${what}`, search, bytes.length);
    this.#hashed += bytes.length;
    this.#differing.push(...runs.map(({ start, end }) => ({ address: start, bytes: end - start })));
    return runs;
  }

  /** What was equal, or was made so. No answer has a checksum: one alone does not speak against it. */
  #isSame(stretch: Stretch): Promise<boolean> {
    const equal = this.#asking.equalIn(stretch);
    const work = async () => {
      for (const piece of piecesOf(stretch)) if (!(await equal(piece)) && !(await equal(piece))) return false;
      return true;
    };
    return this.#timed(`compare again ${stretch.what}`, work, stretch.bytes.length);
  }

  #timed<T>(stage: string, work: () => Promise<T>, bytes: number): Promise<T> {
    return stopwatch(this.#deadline, this.#observer)(stage, work, bytes);
  }

  /** @returns why that failed by the module's fault. */
  async #mend(stretch: Stretch, runs: readonly Extent[]): Promise<string | undefined> {
    const plan = mendingOf(this.#plan, stretch, runs);
    const touched = new Touched(plan);
    this.touched = touched;
    const circumstances = [this.#deadline, this.#observer, this.#recovery, touched, this.#patience] as const;
    try {
      this.#asking.session = await programModule(this.session, plan, ...circumstances);
    } catch (error) {
      if (!isOfTheModule(error) || this.#asking.isOver) throw error;
      await this.#asking.anew();
      return error.message;
    }
    for (const step of plan.steps) if (step.op === "write") this.#sent += step.bytes;
    return undefined;
  }

  #mistrust(why: string): string {
    this.#observer.note?.(`${this.session.rig.name}: ${why}; all of ${this.#plan.label} is flashed instead`);
    return why;
  }

  #mendMs(stretch: Stretch, runs: readonly Extent[]): number {
    const contents = runs.map(({ start, end }) =>
      stretch.bytes.subarray(start - stretch.address, end - stretch.address),
    );
    return contents.reduce((ms, bytes) => ms + this.#asking.cost.mend(stretch, bytes), 0);
  }

  /** What is known to be left, against the plan itself. @param at the stretch that was looked at last. */
  #isDearer(at: number, mendMs: number): boolean {
    const { cost } = this.#asking;
    const left = this.#stretches.slice(at + 1);
    const another = left.filter((stretch) => this.#others.has(stretch));
    const last = this.#stretches.findLastIndex((stretch, index) => index <= at || this.#others.has(stretch));
    const asked = [...left.filter((stretch) => !this.#others.has(stretch)), ...this.#stretches.slice(0, last + 1)];
    const askMs = asked.reduce((ms, { bytes }) => ms + cost.ask(bytes.length), 0);
    const sendMs = another.reduce((ms, stretch) => ms + this.#mendMs(stretch, [all(stretch)]), mendMs);
    return askMs + sendMs > cost.all(this.#plan);
  }
}

const all = ({ address, bytes }: Stretch): Extent => ({ start: address, end: address + bytes.length });
