import { closeSync, fstatSync, readSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { readJournal } from "../../../reports/read.js";
import type { RunSummary } from "../../../reports/row.js";
import { Story } from "../../../reports/story.js";
import type { RigConfig } from "../../../rigs/file/schema.js";
import { holdersOf } from "../../../rigs/serial/holders.js";
import { isSimulated } from "../../../rigs/simulated.js";
import { count } from "../../base/count.js";
import { HarnessError } from "../../base/errors.js";
import { told } from "../../base/files.js";
import { openPlainFile } from "../../base/read-file.js";
import { refuseForeign } from "../../base/trust.js";
import type { Place } from "./outputs.js";
import type { Planned } from "./plan.js";

/** A run that was cut off, and where it goes on. */
export interface Resumed {
  readonly place: Place;
  readonly summary: RunSummary;
  /** Of the journal: whole lines alone count. */
  readonly from: { readonly seq: number; readonly bytes: number };
  /** Where the clock of the run stands, in ms. */
  readonly atMs: number;
}

/**
 * Reads a run that is to go on. Nothing is written.
 *
 * @throws HarnessError RUN_UNREADABLE; USAGE for a run that somebody is still writing.
 */
export function readResumed(folder: string): Resumed {
  const journal = join(folder, "events.jsonl");
  // It says which files are loaded as code.
  refuseForeign(journal, "RUN_UNREADABLE");
  refuseHeld(journal, folder);
  let [seq, bytes, atMs] = [0, 0, 0];
  const story = new Story(whole(), () => []);
  const { summary } = story;
  if (summary.merged !== undefined)
    throw new HarnessError("USAGE", `--resume ${folder}: it was merged from ${count(summary.merged, "run")}`, {
      advice: "Go on with those, and merge them anew.",
    });
  if ([summary.stress, summary.ab, summary.sweep].some((other) => other !== undefined))
    throw new HarnessError("USAGE", `--resume ${folder}: that is no run of \`st67-hil run\``, {
      advice: "What it has come to stands in its reports; a test that was cut off is begun anew.",
    });
  if (summary.options === undefined)
    throw new HarnessError("RUN_UNREADABLE", `--resume ${folder}: the run does not tell its options: it is too old`);
  const { wallTime, runId } = summary;
  if (summary.options["rig"] === undefined)
    throw new HarnessError("USAGE", `--resume ${folder}: it is a run of the farm, whose rigs are not this machine's`, {
      advice: `\`st67-hil farm attach ${runId}\` goes on with it.`,
    });
  return {
    place: { wallTime, runId, folder: realpathSync(resolve(folder)), shown: folder },
    summary,
    from: { seq, bytes },
    atMs,
  };

  function* whole() {
    for (const placed of readJournal(journal)) {
      if (!placed.isWhole) return;
      seq = placed.event.seq + 1;
      bytes = placed.end;
      atMs = Math.max(atMs, placed.event.atMs);
      yield placed;
    }
  }
}

function refuseHeld(journal: string, shown: string): void {
  const holder = holdersOf(told(() => realpathSync(journal))).find(({ pid }) => pid !== process.pid);
  if (holder === undefined) return;
  throw new HarnessError("USAGE", `--resume ${shown}: process ${holder.pid} (${holder.command}) is still at it`);
}

/**
 * Of two that go on with one run at the same moment, at most one does: each shows first that it is there, and looks then.
 *
 * @returns what ends that.
 * @throws HarnessError USAGE for a run that somebody else writes, or has written since it was read.
 */
export function claim({ place, from }: Resumed): Disposable {
  const journal = join(place.folder, "events.jsonl");
  const file = openPlainFile(journal, "the events of a run");
  const claimed = { [Symbol.dispose]: () => closeSync(file) };
  try {
    refuseHeld(journal, place.shown);
    const rest = Buffer.alloc(1 + fstatSync(file).size - from.bytes);
    if (!rest.subarray(0, readSync(file, rest, 0, rest.length, from.bytes)).includes(0x0a)) return claimed;
    throw new HarnessError("USAGE", `--resume ${place.shown}: somebody else has gone on with it meanwhile`);
  } catch (error) {
    claimed[Symbol.dispose]();
    throw error;
  }
}

/** Names of the cases that need not be run again: all that have a verdict but those that were called off. */
export const doneIn = ({ cases }: RunSummary): ReadonlySet<string> =>
  new Set(cases.filter(({ verdict }) => verdict !== "aborted").map((entry) => entry.case));

/** How many of the run's cases failed or broke; a file that could not be loaded is none of them. */
export function failuresIn({ cases }: RunSummary, plan: Planned): number {
  const names = new Set(plan.cases.map(({ as }) => as));
  return cases.filter((entry) => names.has(entry.case) && (entry.verdict === "failed" || entry.verdict === "broken"))
    .length;
}

/**
 * What was judged before must be what would be judged now, and on the same rigs.
 *
 * @param configs of the rigs, as their files are now.
 * @param now firmwares by label, what goes with them by file name: what is in them.
 * @throws HarnessError RUN_CHANGED
 */
export function refuseChanged(
  { summary }: Resumed,
  { plan }: Planned,
  configs: readonly RigConfig[],
  now: Readonly<Record<string, string>>,
): void {
  const before = { ...summary.files, ...summary.firmwares };
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  const changed = [...names].filter((name) => before[name] !== now[name]);
  const { runId } = summary;
  const [rigsBefore, rigsNow] = [
    summary.rigs.map(tellRig),
    configs.map((config) => tellRig({ name: config.name, simulated: isSimulated(config) })),
  ].map((rigs) => rigs.sort().join(", "));
  if (rigsBefore !== rigsNow)
    throw new HarnessError(
      "RUN_CHANGED",
      `${runId}: since it began the rigs have changed: they were ${rigsBefore}, and are ${rigsNow}`,
    );
  if (changed.length > 0)
    throw new HarnessError("RUN_CHANGED", `${runId}: since it began the firmware has changed: ${changed.join(", ")}`);
  if (summary.plan !== plan)
    throw new HarnessError(
      "RUN_CHANGED",
      `${runId}: since it began the cases have changed: other names, or another order`,
    );
}

const tellRig = ({ name, simulated }: RunSummary["rigs"][number]): string =>
  simulated ? `${name} (a simulated module)` : name;
