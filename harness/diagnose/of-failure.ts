import type { Blame } from "../base/errors.js";
import type { TraceRecord } from "../trace/record.js";
import { diagnose } from "./diagnose.js";
import { inThreeLines } from "./in-three-lines.js";
import { evidenceOfTrace } from "./trace.js";

/** What the wire can tell something of. */
const ON_THE_WIRE: readonly Blame[] = ["module", "firmware", "link", "rig", "unknown"];
/** Of one line: an error is read on a terminal. */
const LINE_CHARS = 400;

/**
 * What was on the wire up to a failure, in three lines at most; none where it says nothing of why: no command failed there,
 * or it is not the wire's business.
 */
export function diagnosisOf({ blame }: { readonly blame: Blame }, records: readonly TraceRecord[]): string[] {
  if (!ON_THE_WIRE.includes(blame) || records.length === 0) return [];
  const diagnosis = diagnose(evidenceOfTrace({ records, isCut: false }));
  if (diagnosis.verdict !== "failed" || diagnosis.causes.length === 0) return [];
  return inThreeLines(diagnosis).map((line) => (line.length > LINE_CHARS ? `${line.slice(0, LINE_CHARS)}…` : line));
}
