import { lstatSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { endsOf } from "../../../reports/read.js";
import { storyIn } from "../../../reports/story.js";
import { exitCodeOf } from "../../../reports/summary.js";
import { holdersOf } from "../../../rigs/serial/holders.js";
import type { RunEvent } from "../../base/events.js";
import { told } from "../../base/files.js";
import { isOurs } from "../../base/trust.js";
import { unwritable } from "../../base/unwritable.js";

/** What a run leaves; a folder that holds anything else is somebody's, too, and stays. */
const OF_A_RUN =
  /^(events\.jsonl|junit\.xml|results\.json|summary\.md|metrics\.txt|report\.html|allure-results|cases|lane-.*\.log)$/;

/** A run, by what it is called and when it began. */
interface Named {
  readonly runId: string;
  readonly wallTime: string;
}

interface Past {
  readonly folder: string;
  readonly started: Extract<RunEvent, { type: "run.started" }>;
}

/**
 * Removes the oldest of the ended runs beside one that has just ended, until `keep` are left with it. The newest good one
 * of the same cases stays in any case, and so do `baseline` and the other parts of this run. One whose own end could not be
 * written down removes nothing.
 *
 * @returns what could not be removed.
 */
export function prune(folder: string, keep: number, baseline?: Named): unknown[] {
  const here = dirname(folder);
  const own = endedIn(folder)?.started;
  if (own === undefined) return [];
  const others = (told(() => readdirSync(here)) ?? [])
    .map((name) => join(here, name))
    .filter((path) => path !== folder && isRun(path))
    .flatMap((path) => endedIn(path) ?? [])
    .filter(({ started }) => !(started.runId === own.runId && started.shard !== undefined && own.shard !== undefined))
    .sort((a, b) => (a.started.wallTime < b.started.wallTime ? 1 : -1));
  const partOf = ({ plan, shard }: Past["started"]) => `${plan} ${shard?.index}/${shard?.of}`;
  const same = others.filter(({ started }) => partOf(started) === partOf(own));
  // Found last, for it reads whole journals: and not at all while the run itself is good.
  const good = isGood(folder) ? undefined : same.find((each) => isGood(each.folder));
  const failures: unknown[] = [];
  for (const { folder: path, started } of others.slice(keep - 1)) {
    // Its reports may still be under way.
    const isHeld = holdersOf(told(() => realpathSync(join(path, "events.jsonl")))).length > 0;
    if (path === good?.folder || isHeld || isOf(started, baseline)) continue;
    try {
      rmSync(path, { recursive: true });
    } catch (cause) {
      failures.push(unwritable(path, cause));
    }
  }
  return failures;
}

/** The id of one that is remembered may have more behind it. */
const isOf = ({ runId, wallTime }: Named, baseline: Named | undefined): boolean =>
  wallTime === baseline?.wallTime && baseline.runId.startsWith(runId);

/** A real folder of ours that holds what a run leaves, and nothing else. */
function isRun(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true || !isOurs(found.uid)) return false;
  const names = told(() => readdirSync(path)) ?? [];
  return names.includes("events.jsonl") && names.every((name) => OF_A_RUN.test(name));
}

/** A run that has ended: who is still at it would lose what it writes. */
function endedIn(folder: string): Past | undefined {
  const ends = told(() => endsOf(join(folder, "events.jsonl")));
  if (ends?.first?.type !== "run.started" || ends.last?.type !== "run.ended") return undefined;
  return { folder, started: ends.first };
}

const isGood = (folder: string): boolean => told(() => exitCodeOf(storyIn(join(folder, "events.jsonl")).summary)) === 0;
