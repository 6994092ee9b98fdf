import { join } from "node:path";
import { jsonOf } from "../harness/base/clean.js";
import type { RunEvent } from "../harness/base/events.js";
import { writeNew } from "../harness/base/files.js";
import { makeFolder } from "../harness/base/folders.js";
import type { Merger } from "./merge.js";
import { copyAttachment } from "./merge-files.js";
import { mergedEvents } from "./merge-journal.js";

const PIECE_CHARS = 65_536;

/**
 * Writes `events.jsonl` of a merged run into `folder`, with what its cases attached beside it. When that fails, there is no
 * journal, and so no run.
 *
 * @returns why attachments were not copied, one text for each.
 * @throws HarnessError FILE_UNWRITABLE, also for a folder that holds a run; RUN_UNREADABLE.
 */
export function writeMerged(merger: Merger, folder: string): readonly string[] {
  const lost: string[] = [];
  makeFolder(folder);
  const events = mergedEvents(merger, (part, file) => {
    const kept = copyAttachment(part.folder, file, folder);
    if ("why" in kept) lost.push(`${part.folder}: an attachment was not merged: ${kept.why}`);
    return kept;
  });
  writeNew(join(folder, "events.jsonl"), linesOf(events));
  return lost;
}

function* linesOf(events: Iterable<RunEvent>): Generator<string> {
  let piece = "";
  for (const event of events) {
    piece += `${jsonOf(event)}\n`;
    if (piece.length < PIECE_CHARS) continue;
    yield piece;
    piece = "";
  }
  yield piece;
}
