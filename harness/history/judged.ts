import type { Row } from "../../reports/row.js";
import type { Blame } from "../base/errors.js";
import type { Verdict } from "../base/events.js";

/** The firmware that a case proves, as the case called it. */
export interface FirmwareName {
  readonly profile: string;
  readonly version: string;
  /** Of its signed body: what it is, whatever it is called. Missing for one that could not be read. */
  readonly sha256?: string;
}

/** One case of a run, as far as runs are compared by it. */
export interface Judged {
  readonly name: string;
  readonly scenario: string;
  readonly rig: string;
  readonly verdict: Verdict;
  readonly flaky?: "failed" | "broken";
  /** Codes and blames may come from another version of the harness. */
  readonly code?: string;
  readonly blame?: Blame;
  readonly message?: string;
  readonly firmware?: FirmwareName;
  /** Milliseconds of each stage, those of one name added up. */
  readonly stages: ReadonlyMap<string, number>;
}

/** A run that is compared. */
export interface JudgedRun {
  readonly runId: string;
  readonly wallTime: string;
  /** Every rig of it was simulated: such a run and one on a bench say nothing of each other. */
  readonly simulated: boolean;
  /** It did not come to its end. */
  readonly interrupted: boolean;
  readonly cases: readonly Judged[];
}

/** Of a fault so much is kept: all of it stands in the run's folder. */
const MESSAGE_CHARS = 300;

export function judgedOf(row: Row): Judged {
  const { case: name, scenario, rig, verdict, flaky, fault } = row;
  const firmware = firmwareOf(row.properties, "fw");
  const stages = new Map<string, number>();
  for (const { stage, ms } of row.stages) stages.set(stage, (stages.get(stage) ?? 0) + ms);
  return {
    ...{ name, scenario, rig, verdict, stages },
    ...(flaky !== undefined && { flaky }),
    ...(fault !== undefined && { code: fault.code, blame: fault.blame, message: inShort(fault.message) }),
    ...(firmware !== undefined && { firmware }),
  };
}

/** What the properties of a case say of the firmware that it proves, `fw`, or of the one that was there before, `from`. */
export function firmwareOf(
  properties: Readonly<Record<string, string>>,
  prefix: "fw" | "from",
): FirmwareName | undefined {
  const [profile, version, sha256] = ["profile", "version", "sha256"].map((name) => properties[`${prefix}.${name}`]);
  if (profile === undefined || version === undefined) return undefined;
  return { profile, version, ...(sha256 !== undefined && { sha256 }) };
}

export const labelOf = ({ profile, version }: FirmwareName): string => `${profile}@${version}`;

const inShort = (message: string): string =>
  message.length > MESSAGE_CHARS ? `${message.slice(0, MESSAGE_CHARS)}…` : message;
