import { asHarnessError, HarnessError } from "../base/errors.js";
import type { Emit, Outcome } from "../base/events.js";
import { type Clock, Deadline } from "../base/time.js";
import type { Bay } from "../base/wire.js";
import { IN_A_SUITE, type Recovery } from "../recover/rung.js";
import { benchOf } from "./bench.js";
import type { Case } from "./matrix.js";
import { faultOf, outcomeOf } from "./outcome.js";
import { randomOf } from "./random.js";

/** Longest that a case that was called off may take to let go of the rig, before its lines are made safe under it. */
const LET_GO_MS = 2000;

export interface Context {
  readonly clock: Clock;
  readonly emit: Emit;
  /** Aborts when the operator calls the run off. */
  readonly signal: AbortSignal;
  readonly seed: number;
  /** The run's folder, for attachments. */
  readonly folder: string;
  /** After so many failed or broken cases the rest is skipped. */
  readonly maxFailures: number;
  /** How far trouble is followed up the recovery ladder; a suite's own. Default: a power cycle at most. */
  readonly recovery?: Recovery;
}

/** Runs the cases one after the other in one bay. Nothing that a case does can stop it; every case gets a verdict. */
export async function runCases(cases: readonly Case[], bay: Bay, context: Context): Promise<void> {
  let failures = 0;
  let retired = false;
  for (const one of cases) {
    if (context.signal.aborted) return;
    const reason = whyNot(one, bay, retired, failures >= context.maxFailures ? context.maxFailures : undefined);
    const outcome = reason === undefined ? await runCase(one, bay, context) : skipCase(one, bay, reason, context);
    retired ||= outcome.retired;
    if (outcome.verdict === "failed" || outcome.verdict === "broken") failures++;
  }
}

function whyNot({ needs }: Case, bay: Bay, retired: boolean, failures: number | undefined): string | undefined {
  if (retired) return `${bay.name} was retired: it could not be made safe`;
  if (failures !== undefined) return `${failures} cases failed or broke before (--max-failures)`;
  if (needs.includes("lines") && !bay.drivesLines) return `${bay.name} does not drive BOOT and CHIP_EN`;
  return undefined;
}

type Ended = Outcome & { readonly retired: boolean };

function skipCase(one: Case, bay: Bay, reason: string, { emit }: Context): Ended {
  const outcome = { verdict: "skipped", reason } as const;
  emit({ type: "case.started", ...placeOf(one, bay), properties: {} });
  emit({ type: "case.ended", ...placeOf(one, bay), ...outcome });
  return { ...outcome, retired: false };
}

/** The rig is in its safe state before the outcome is told. One that cannot be made safe is retired, and both errors are told. */
async function runCase(one: Case, bay: Bay, context: Context): Promise<Ended> {
  const { clock, emit, signal } = context;
  emit({ type: "case.started", ...placeOf(one, bay), properties: propertiesOf(one, bay, context) });
  const deadline = Deadline.in(one.timeoutMs, `case ${one.name}`, clock, signal, "CASE_TIMEOUT");
  let outcome: Outcome | undefined;
  let retired = false;
  try {
    await using rig = await bay.open(deadline);
    const bench = benchOf({
      case: one.name,
      folder: context.folder,
      // No scenario burns a fuse, whatever the rig file allows.
      rig: { ...rig, allow: { ...rig.allow, efuse: false } },
      recovery: context.recovery ?? IN_A_SUITE,
      deadline,
      random: randomOf(context.seed, one.name),
      emit,
    });
    outcome = await attempt(one.run(bench, one.parameter), deadline);
  } catch (error) {
    const cause = outcome === undefined ? error : notSafe(bay, error);
    retired = outcome !== undefined;
    if (retired) emit({ type: "rig.retired", rig: bay.name, fault: faultOf(cause) });
    outcome ??= outcomeOf(cause, signal);
  }
  emit({ type: "case.ended", ...placeOf(one, bay), ...outcome });
  return { ...outcome, retired };
}

/** Whatever kept a rig from ending well, told as that. */
function notSafe({ name }: Bay, error: unknown): HarnessError {
  const told = asHarnessError(error);
  if (told.code === "RIG_NOT_SAFE") return told;
  return new HarnessError("RIG_NOT_SAFE", `${name}: ${told.message}`, { cause: error });
}

/** A body that was called off still holds the rig until its next wait ends: it gets a moment to let go. */
async function attempt(body: Promise<void>, deadline: Deadline): Promise<Outcome> {
  try {
    await deadline.race(body);
    return { verdict: "passed" };
  } catch (error) {
    const settled = body.then(
      () => undefined,
      () => undefined,
    );
    await Deadline.in(LET_GO_MS, "letting go", deadline.clock)
      .race(settled)
      .catch(() => undefined);
    return outcomeOf(error, deadline.signal);
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
      properties[`${prefix}.sha256`] = load().firmware.bodySha256;
    } catch {
      // Told when the case asks for the plan.
    }
  }
  return properties;
}
