import { type AbPlan, ASIDES, type Fact } from "../base/events.js";
import { randomOf } from "../base/random.js";
import { isTime } from "../stats/arguments.js";
import { compareTimes, type StageChange } from "../stats/compare-times.js";
import { fisherExact } from "../stats/fisher.js";
import { type Side, sideOf } from "./sides.js";

/** One side's cycles. */
export interface SideResult {
  readonly firmware: string;
  /** Those that were judged: what rig, link or harness broke is in neither number. */
  readonly cycles: number;
  readonly failures: number;
  readonly outside: number;
}

/** What a comparison of two firmwares came to. */
export interface AbResult {
  readonly plan: AbPlan;
  readonly a: SideResult;
  readonly b: SideResult;
  /** Fisher's exact test of the failures, two-sided. Power is low: it is told, and decides nothing. */
  readonly failuresP: number;
  /** `before` is A, `after` is B: times of cycles that passed. */
  readonly stages: readonly StageChange[];
  /** By stage that moves bytes: how many, where the sides differ. A larger image takes longer. */
  readonly bytes: Readonly<Record<string, readonly [a: number, b: number]>>;
  /**
   * `failed`: a cycle did; `regressed`: a stage of B is slower; `too few`: there are not enough cycles to tell, or of no stage
   * would `alpha` let even the largest difference be shown.
   */
  readonly decision: "failed" | "regressed" | "not regressed" | "too few";
}

/** Below so many cycles a side nothing can be told: 20 find a shift of 5 % three times out of four, 30 nearly always. */
const FEWEST = 8;
/** And below this part of what was planned: a comparison that was cut off does not find what it was to find. */
const MOST_OF = 2 / 3;
/** The same journal gives the same intervals. */
const BOOTSTRAP_SEED = 1;

interface Gathered {
  readonly times: Map<string, number[]>;
  readonly bytes: Map<string, number>;
  passed: number;
  failures: number;
  outside: number;
}

/** What was measured in a cycle that goes on: by stage, those of one name added up. */
type Open = Map<string, { ms: number; bytes: number }>;

/** A comparison of two firmwares by its facts: the same while it runs and from its journal. */
export class AbFold {
  #plan: AbPlan | undefined;
  readonly #open = new Map<string, Open>();
  readonly #sides: Record<Side, Gathered> = { a: nothing(), b: nothing() };

  hear(fact: Fact): void {
    if (fact.type === "run.started") this.#plan = fact.ab;
    if (this.#plan === undefined) return;
    if (fact.type === "case.started") this.#open.set(fact.case, new Map());
    if (fact.type === "stage") this.#measured(fact);
    if (fact.type === "case.ended") this.#ended(fact);
  }

  /** `undefined` for a run that compares nothing. */
  result(): AbResult | undefined {
    const plan = this.#plan;
    if (plan === undefined) return undefined;
    const { a, b } = this.#sides;
    const names = new Set([...a.times.keys(), ...b.times.keys()]);
    const samples = [...names].map((stage) => [stage, [[a.times.get(stage) ?? [], b.times.get(stage) ?? []]]] as const);
    const { relevance, alpha } = plan;
    const stages = compareTimes(new Map(samples), { relevance, alpha, random: randomOf(BOOTSTRAP_SEED, "ab") });
    const [sideA, sideB] = [resultOf(plan.a, a), resultOf(plan.b, b)];
    const isEnough =
      Math.min(a.passed, b.passed) >= Math.max(FEWEST, MOST_OF * plan.cycles) &&
      stages.some(({ interval }) => interval === "95 %");
    const isSlower = stages.some(({ change }) => change === "slower");
    const judged = isSlower ? "regressed" : isEnough ? "not regressed" : "too few";
    return {
      plan,
      a: sideA,
      b: sideB,
      failuresP: fisherExact(sideA.failures, a.passed, sideB.failures, b.passed),
      stages,
      bytes: Object.fromEntries(differing(a.bytes, b.bytes)),
      decision: a.failures + b.failures > 0 ? "failed" : judged,
    };
  }

  #measured({ case: name, stage, ms, bytes = 0 }: Extract<Fact, { type: "stage" }>): void {
    if (ASIDES.some((aside) => stage.startsWith(`${aside}: `))) return;
    const open = this.#open.get(name);
    const before = open?.get(stage) ?? { ms: 0, bytes: 0 };
    open?.set(stage, { ms: before.ms + ms, bytes: before.bytes + bytes });
  }

  #ended({ case: name, verdict }: Extract<Fact, { type: "case.ended" }>): void {
    const stages = this.#open.get(name);
    this.#open.delete(name);
    const side = sideOf(name);
    if (side === undefined) return;
    const gathered = this.#sides[side];
    if (verdict === "failed") gathered.failures++;
    // Nothing passes that has not begun: a journal comes from outside.
    else if (verdict !== "passed" || stages === undefined) gathered.outside++;
    if (verdict !== "passed" || stages === undefined) return;
    gathered.passed++;
    for (const [stage, { ms, bytes }] of stages) {
      if (!isTime(ms)) continue;
      gathered.times.set(stage, [...(gathered.times.get(stage) ?? []), ms]);
      if (bytes > 0) gathered.bytes.set(stage, bytes);
    }
  }
}

const nothing = (): Gathered => ({ times: new Map(), bytes: new Map(), passed: 0, failures: 0, outside: 0 });

const resultOf = (firmware: string, { passed, failures, outside }: Gathered): SideResult => ({
  ...{ firmware, failures, outside },
  cycles: passed + failures,
});

function differing(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>) {
  return [...a].flatMap(([stage, bytes]): [string, readonly [number, number]][] => {
    const other = b.get(stage);
    return other === undefined || other === bytes ? [] : [[stage, [bytes, other]]];
  });
}
