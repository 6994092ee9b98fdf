import type { Fact } from "../../base/events.js";
import { randomOf } from "../../base/random.js";
import { FIRST_DESTRUCTIVE, LAST_RUNG } from "../../recover/rung.js";
import type { Chosen } from "./choose.js";
import type { Crew } from "./crew.js";
import { lacks, tellLacking } from "./needs.js";

/** What decides how long a rig's cycles go on. */
interface Judge {
  /** Of the cycles that count. */
  readonly cycles: number;
  readonly outside: number;
  readonly outsideInARow: number;
  readonly decision: string | undefined;
}

interface Asked {
  /** The cases that are repeated. */
  readonly cases: readonly Chosen[];
  readonly crews: readonly Crew[];
  readonly seed: number;
  readonly emit: (fact: Fact, atMs: number) => void;
  readonly signal: AbortSignal;
  /** Of each rig; `undefined`: nobody judges it. */
  readonly judge: (rig: string) => Judge | undefined;
  /** Why no cycle begins on a rig any more; `undefined`: one may. */
  readonly halt: (crew: Crew) => string | undefined;
}

/** So many in a row that say nothing of the module: the rig is to be looked at. */
const MOST_OUTSIDE_IN_A_ROW = 3;
/** And at most so many in all, beside as many as count. */
const MOST_OUTSIDE = 20;

/**
 * Repeats cases on every rig, all of them on each, until its judge has come to a decision or there is no use in going on. The
 * whole recovery ladder is climbed, as far as the rig's module may be lost: how a module comes back is what one wants to know.
 */
export const cycle = async (asked: Asked): Promise<void> =>
  void (await Promise.all(asked.crews.map((crew, index) => cycleOn(crew, index, asked))));

async function cycleOn(crew: Crew, index: number, asked: Asked): Promise<void> {
  const { signal, crews } = asked;
  const warn = (message: string) => asked.emit({ type: "run.warned", message }, crew.nowMs);
  const { name, has } = crew.rig;
  const ladder = has.includes("sacrificial") ? LAST_RUNG : FIRST_DESTRUCTIVE - 1;
  const missing = asked.cases.filter((one) => lacks(one, crew.rig).length > 0);
  const [first] = missing;
  if (first !== undefined)
    warn(`${missing.length} of ${asked.cases.length} cases are not run on ${name}: it ${tellLacking(first, crew.rig)}`);
  const next = inTurn(
    asked.cases.filter((one) => !missing.includes(one)),
    { rig: name, seed: asked.seed, first: index + 1, step: crews.length },
  );
  while (!signal.aborted && asked.judge(name)?.decision === undefined) {
    const why = whyStop(crew, asked);
    const one = why === undefined ? next() : undefined;
    if (one === undefined) {
      if (why !== undefined) warn(`${name}: no decision: ${why}`);
      return;
    }
    await crew.run({ ...one, ladder }, { number: 1, settle: (outcome) => ({ outcome, again: false }) });
  }
}

function whyStop(crew: Crew, { judge, halt }: Asked): string | undefined {
  const { cycles, outside, outsideInARow } = judge(crew.rig.name) ?? { cycles: 0, outside: 0, outsideInARow: 0 };
  if (crew.unfit !== undefined) return crew.unfit;
  if (crew.retired) return "the rig was retired";
  const halted = halt(crew);
  if (halted !== undefined) return halted;
  if (outsideInARow >= MOST_OUTSIDE_IN_A_ROW)
    return `${outsideInARow} cycles in a row said nothing of the module: look at the rig first`;
  if (outside >= MOST_OUTSIDE + cycles) return `${outside} cycles said nothing of the module, and ${cycles} did`;
  return undefined;
}

interface Turn {
  readonly rig: string;
  readonly seed: number;
  /** Rigs share names, and no two cycles of a run have one: the numbers of a rig are `first`, `first + step` and so on. */
  readonly first: number;
  readonly step: number;
}

/** The cases in rounds, each round in an order of its own, the same for the same seed and rig. Without cases: none. */
export function inTurn(cases: readonly Chosen[], { rig, seed, first, step }: Turn): () => Chosen | undefined {
  const random = randomOf(seed, `cycles of ${rig}`);
  let number = first - step;
  let left: Chosen[] = [];
  return () => {
    if (left.length === 0) {
      left = shuffled(cases, random);
      number += step;
    }
    const one = left.shift();
    return one && { ...one, as: number === 1 ? one.name : `${one.name} #${number}` };
  };
}

/** Fisher and Yates. */
function shuffled<T>(all: readonly T[], random: () => number): T[] {
  const order = [...all];
  for (let last = order.length - 1; last > 0; last--) {
    const at = Math.floor(random() * (last + 1));
    [order[last], order[at]] = [order[at] as T, order[last] as T];
  }
  return order;
}
