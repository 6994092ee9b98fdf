import { count } from "../../base/count.js";
import type { Fact } from "../../base/events.js";
import { type Chosen, isEdge } from "./choose.js";
import type { Crew } from "./crew.js";
import { lacks, tellLacking } from "./needs.js";
import { Paths } from "./paths.js";
import { Tries } from "./tries.js";

export interface Dispatch {
  /** In their order; where lanes share a walk, they share that of one group before any of them goes on to the next. */
  readonly groups: readonly (readonly Chosen[])[];
  readonly crews: readonly Crew[];
  readonly emit: (fact: Fact, atMs: number) => void;
  /** Aborts when the operator calls the run off. */
  readonly signal: AbortSignal;
  /** After so many failed or broken cases the rest is skipped. Default: none is. */
  readonly maxFailures?: number | undefined;
  /** So many there were before, of a run that goes on. Default: none. */
  readonly failures?: number;
  /** So often a case that did not pass begins once more. Default: never. */
  readonly retries?: number | undefined;
  /** Why no case begins on a rig any more; `undefined`: one may. What it says once, it says from then on. */
  readonly halt: (crew: Crew) => string | undefined;
  /** Cases that are not run, by their names in this run, with the reason. Default: none. */
  readonly quarantined?: ReadonlyMap<string, string>;
}

/**
 * Hands the cases to the lanes, one at a time to each, in their order; a case goes to the first free rig that has what
 * it needs, and one that was broken by its rig once more to another. A walk is cut into as many paths as there are lanes,
 * and a lane that has come to the end of its own takes half of what another one has left. Nothing that a case does can stop
 * it, and every case gets a verdict, unless the run is called off.
 */
export async function dispatch(wanted: Dispatch): Promise<void> {
  const dispatcher = new Dispatcher(wanted);
  await Promise.all(wanted.crews.map((crew) => dispatcher.work(crew)));
  if (!wanted.signal.aborted) dispatcher.skipRest();
}

class Dispatcher {
  readonly #wanted: Dispatch;
  /** What any lane may take. */
  readonly #queue: Tries[];
  readonly #paths: Paths;
  /** Of each case, in the order that was given. */
  readonly #places: ReadonlyMap<Tries, number>;
  #failures: number;
  /** How many cases are under way. */
  #busy = 0;
  /** Lanes with nothing to do for now: what is under way elsewhere may come to them. */
  readonly #idle: (() => void)[] = [];

  constructor(wanted: Dispatch) {
    this.#wanted = wanted;
    this.#failures = wanted.failures ?? 0;
    const groups = wanted.groups.map((group) => group.map((one) => new Tries(one, wanted.retries ?? 0)));
    this.#queue = groups.flat().filter(({ one }) => !isEdge(one));
    this.#paths = new Paths(
      groups.map((group) => group.filter(({ one }) => isEdge(one))),
      wanted.crews,
      (crew) => this.#canWork(crew),
    );
    this.#places = new Map(groups.flat().map((tries, place) => [tries, place]));
  }

  get #isEnough(): boolean {
    return this.#failures >= (this.#wanted.maxFailures ?? Number.POSITIVE_INFINITY);
  }

  /** Has one rig's lanes work for as long as there may be something for them. */
  async work(crew: Crew): Promise<void> {
    const { signal, quarantined } = this.#wanted;
    while (!signal.aborted && !this.#isEnough && this.#canWork(crew)) {
      const tries = this.#next(crew);
      if (tries === undefined) {
        if (this.#busy === 0) return;
        await new Promise<void>((done) => this.#idle.push(done));
        continue;
      }
      const reason = quarantined?.get(tries.one.as);
      if (reason === undefined) await this.#attempt(tries, crew);
      else this.#end(tries, crew, reason);
    }
  }

  /** Whatever nobody could take, with the reason. */
  skipRest(): void {
    const { crews, halt } = this.#wanted;
    for (const tries of [...this.#queue, ...this.#paths.left()]) {
      const fit = crews.filter(({ rig }) => lacks(tries.one, rig).length === 0);
      const [first] = fit.length > 0 ? fit : crews;
      const enough = `${count(this.#failures, "case")} failed or broke before (--max-failures)`;
      const nobody =
        fit.length > 0 ? fit.map((crew) => whyNone(crew, halt(crew))).join("; ") : whatLacks(tries.one, crews);
      this.#end(tries, first, this.#isEnough ? enough : nobody);
    }
  }

  async #attempt(tries: Tries, crew: Crew): Promise<void> {
    this.#busy++;
    const { again, outcome } = await crew.run(tries.one, {
      number: tries.number,
      settle: (came) =>
        tries.settle(came, crew.rig.name, this.#wanted.signal.aborted, () => this.#others(tries).length > 0),
    });
    if (again) this.#queue.unshift(tries);
    else if (outcome.verdict === "failed" || outcome.verdict === "broken") this.#failures++;
    this.#busy--;
    for (const wake of this.#idle.splice(0)) wake();
  }

  /** The first case that this rig can take; one that it has broken only where no other rig can. */
  #next(crew: Crew): Tries | undefined {
    const mayTake = (tries: Tries, by: Crew) =>
      this.#fits(tries, by) && (!tries.brokenOn.has(by.rig.name) || this.#others(tries).length === 0);
    const at = this.#queue.findIndex((tries) => mayTake(tries, crew));
    const first = this.#queue[at];
    const edge = this.#paths.next(crew, mayTake);
    if (first === undefined || (edge !== undefined && this.#placeOf(edge) < this.#placeOf(first))) {
      if (edge !== undefined) this.#paths.take(crew, edge);
      return edge;
    }
    this.#queue.splice(at, 1);
    return first;
  }

  #placeOf = (tries: Tries): number => this.#places.get(tries) ?? 0;

  #others(tries: Tries): Crew[] {
    return this.#wanted.crews.filter((crew) => this.#fits(tries, crew) && !tries.brokenOn.has(crew.rig.name));
  }

  #fits({ one }: Tries, crew: Crew): boolean {
    return this.#canWork(crew) && lacks(one, crew.rig).length === 0;
  }

  #canWork(crew: Crew): boolean {
    return !crew.retired && crew.unfit === undefined && this.#wanted.halt(crew) === undefined;
  }

  /** A case that is not run, or not once more: it comes to what its attempts came to, or is skipped. */
  #end({ one, before, number }: Tries, crew: Crew | undefined, reason: string): void {
    const { emit } = this.#wanted;
    const place = { case: one.as, scenario: one.scenario, rig: before?.rig ?? crew?.rig.name ?? "" };
    const atMs = crew?.nowMs ?? 0;
    const { before: from, after } = one;
    const properties = { ...(from !== undefined && { before: from }), ...(after !== undefined && { after }) };
    if (number === 1) emit({ type: "case.started", ...place, properties }, atMs);
    emit({ type: "case.ended", ...place, ...(before?.outcome ?? { verdict: "skipped", reason }) }, atMs);
  }
}

const whyNone = ({ unfit, retired, rig }: Crew, halted: string | undefined): string =>
  unfit ?? (retired || halted === undefined ? `${rig.name} was retired` : halted);

const whatLacks = (one: Chosen, crews: readonly Crew[]): string =>
  crews.map(({ rig }) => `${rig.name} ${tellLacking(one, rig)}`).join("; ");
