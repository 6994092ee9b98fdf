import { ERRORS } from "../harness/base/errors.js";
import type { RunSummary } from "./row.js";

/** What kept a run from being judged and belongs to none of its cases; a report that knows cases alone tells it as one. */
export interface Trouble {
  /** The same from night to night. */
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly advice: string;
}

/** The suite of a report that they stand in. */
export const TROUBLES_SUITE = "hil.run";

/** Why a run ends with exit code 2 though no case says so: without them a report would call it passed. */
export function troublesOf({ interrupted, cases, planned, counts, retired, strays }: RunSummary): Trouble[] {
  const troubles: Trouble[] = [];
  const { advice } = ERRORS.ABORTED;
  if (interrupted) {
    const message = `the run ended before its time: ${cases.length} of ${planned} cases had started`;
    troubles.push({ name: "interrupted", code: "ABORTED", message, advice });
  } else if (counts.skipped === cases.length) {
    const message = cases.length === 0 ? "no case was run" : `no case was judged: all ${cases.length} were skipped`;
    troubles.push({ name: "nothing judged", code: "USAGE", message, advice: "See why each of them was skipped." });
  }
  for (const { rig, fault } of retired) troubles.push({ name: `rig ${rig} retired`, ...inShort(fault) });
  for (const [index, { fault }] of strays.entries()) troubles.push({ name: `stray ${index + 1}`, ...inShort(fault) });
  return troubles;
}

const inShort = ({ code, message, advice }: RunSummary["strays"][number]["fault"]) => ({ code, message, advice });
