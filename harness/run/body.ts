import { HarnessError } from "../base/errors.js";
import type { Outcome } from "../base/events.js";
import { Deadline } from "../base/time.js";
import { checkedBench } from "./checked-bench.js";
import type { Case } from "./matrix.js";
import { outcomeOf } from "./outcome.js";
import type { Bench } from "./scenario.js";
import { asCase } from "./strays.js";

/** Longest that a case that was called off may take to let go of the rig, before its lines are made safe under it. */
const LET_GO_MS = 2000;

export interface Attempted {
  readonly outcome: Outcome;
  /** The body has ended, too. */
  readonly settled: boolean;
}

/**
 * Runs a case's own code. The faults that it ordered end with it: whose fault it was is asked of a rig without them. One
 * that was called off still holds the rig until its next wait ends: it gets a moment to let go.
 */
export async function runBody({ name, parameter, run }: Case, given: Bench, deadline: Deadline): Promise<Attempted> {
  const { bench, underWay, disarm } = checkedBench(given);
  const body = asCase(name, async () => run(bench, parameter));
  try {
    await deadline.raceAlong(body);
    const left = underWay();
    if (left.length === 0) return { outcome: { verdict: "passed" }, settled: true };
    const message = `the body ended while ${left.join(", ")} was still under way: an await is missing`;
    return { outcome: outcomeOf(new HarnessError("SCENARIO_INVALID", message), deadline.signal), settled: false };
  } catch (error) {
    let settled = false;
    const end = () => {
      settled = true;
    };
    await Deadline.in(LET_GO_MS, "letting go", deadline.clock)
      .raceAlong(body.then(end, end))
      .catch(() => undefined);
    return { outcome: outcomeOf(error, deadline.signal), settled: settled && underWay().length === 0 };
  } finally {
    disarm();
  }
}
