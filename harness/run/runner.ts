import { asHarnessError, HarnessError } from "../base/errors.js";
import type { Emit, Outcome } from "../base/events.js";
import { type Clock, Deadline } from "../base/time.js";
import type { Bay } from "../base/wire.js";
import { IN_A_SUITE, type Recovery } from "../recover/rung.js";
import { benchOf } from "./bench.js";
import { checkedBench } from "./checked-bench.js";
import { Evidence } from "./evidence.js";
import type { Case } from "./matrix.js";
import { faultOf, outcomeOf } from "./outcome.js";
import { printedBy } from "./output.js";
import { randomOf } from "./random.js";
import { asCase } from "./strays.js";

/** Longest that a case that was called off may take to let go of the rig, before its lines are made safe under it. */
const LET_GO_MS = 2000;

export interface Context {
  readonly clock: Clock;
  readonly emit: Emit;
  /** Aborts when the case is called off: by the operator, or by an error that nobody caught. */
  readonly signal: AbortSignal;
  readonly seed: number;
  /** The run's folder, for attachments. */
  readonly folder: string;
  /** How far trouble is followed up the recovery ladder; a suite's own. Default: a power cycle at most. */
  readonly recovery?: Recovery;
}

/** How a case ended. */
export type Ended = Outcome & {
  /** The rig could not be made safe: nothing may use it any more. */
  readonly retired: boolean;
  /** The body has ended, too: none of it goes on. */
  readonly settled: boolean;
};

/**
 * Runs one case. The rig is in its safe state before it resolves; one that cannot be made safe is retired, and both errors are told.
 *
 * @param number of the attempt, from 1 on: each keeps its files apart.
 */
export async function runCase(one: Case, bay: Bay, context: Context, number = 1): Promise<Ended> {
  const { clock, signal } = context;
  const evidence = new Evidence(context.folder, one.name, context.emit, number);
  const { emit } = evidence;
  emit({ type: "case.started", ...placeOf(one, bay), properties: propertiesOf(one, bay, context) });
  const deadline = Deadline.in(one.timeoutMs, `case ${one.name}`, clock, signal, "CASE_TIMEOUT");
  let attempted: { readonly outcome: Outcome; readonly settled: boolean } | undefined;
  let retired = false;
  using _ = printedBy(evidence);
  try {
    await using rig = await bay.open(deadline);
    const { bench, underWay } = checkedBench(
      benchOf({
        case: one.name,
        evidence,
        // No scenario burns a fuse, whatever the rig file allows.
        rig: { ...rig, allow: { ...rig.allow, efuse: false } },
        recovery: context.recovery ?? IN_A_SUITE,
        deadline,
        random: randomOf(context.seed, one.name),
      }),
    );
    attempted = await attempt(
      asCase(one.name, async () => one.run(bench, one.parameter)),
      underWay,
      deadline,
    );
  } catch (error) {
    const cause = attempted === undefined ? error : notSafe(bay, error);
    retired = attempted !== undefined;
    if (retired) emit({ type: "rig.retired", rig: bay.name, fault: evidence.boundedFault(faultOf(cause)) });
    attempted ??= { outcome: outcomeOf(cause, signal), settled: true };
  }
  evidence.end();
  const { settled } = attempted;
  const incomplete = attempted.outcome.verdict === "passed" ? evidence.failure : undefined;
  const outcome = incomplete === undefined ? attempted.outcome : outcomeOf(incomplete, signal);
  const { fault, reason } = outcome;
  return {
    ...outcome,
    ...(reason !== undefined && { reason: evidence.boundedReason(reason) }),
    ...(fault !== undefined && { fault: evidence.boundedFault(fault) }),
    retired,
    settled,
  };
}

/** Whatever kept a rig from ending well, told as that. */
function notSafe({ name }: Bay, error: unknown): HarnessError {
  const told = asHarnessError(error);
  if (told.code === "RIG_NOT_SAFE") return told;
  return new HarnessError("RIG_NOT_SAFE", `${name}: ${told.message}`, { cause: error });
}

/** A body that was called off still holds the rig until its next wait ends: it gets a moment to let go. */
async function attempt(
  body: Promise<void>,
  underWay: () => readonly string[],
  deadline: Deadline,
): Promise<{ readonly outcome: Outcome; readonly settled: boolean }> {
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
  }
}

const placeOf = ({ name, scenario }: Case, bay: Bay) => ({ case: name, scenario, rig: bay.name });

/** What a reader of the report wants to sort by. A firmware that cannot be read has no hash; the case itself will say why. */
function propertiesOf({ firmwares }: Case, bay: Bay, { seed }: Context): Record<string, string> {
  const properties: Record<string, string> = { rig: bay.name, seed: String(seed) };
  for (const [index, { profile, version, load }] of firmwares.entries()) {
    const prefix = index === firmwares.length - 1 ? "fw" : "from";
    properties[`${prefix}.profile`] = profile;
    properties[`${prefix}.version`] = version;
    try {
      const { firmware, files } = load();
      properties[`${prefix}.sha256`] = firmware.bodySha256;
      const boot2 = files.find(({ image }) => image?.kind === "boot2")?.image;
      if (boot2 !== undefined) properties["boot2.sha256"] = boot2.bodySha256;
    } catch {
      // Told when the case asks for the plan.
    }
  }
  return properties;
}
