import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from "node:fs";
import { renderMarkdown } from "../../../reports/markdown-summary.js";
import type { Story } from "../../../reports/story.js";
import { tell } from "../terminal/output.js";

const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK, O_NOCTTY } = constants;
/** GitHub shows no summary at all of a step that wrote more. */
const MOST_BYTES = 1024 * 1024;

/**
 * Appends the run to the summary of the step that it runs in, where GitHub Actions says there is one. A summary that cannot
 * be written is told, and is no verdict.
 */
export function tellStep(story: Story, complain = tell, file = process.env["GITHUB_STEP_SUMMARY"]): void {
  if (file === undefined || file === "") return;
  try {
    append(file, Buffer.from(["\n", ...renderMarkdown(story)].join("")));
  } catch (error) {
    complain(`GITHUB_STEP_SUMMARY: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function append(file: string, bytes: Uint8Array): void {
  // Opening what is no file may wait, or move a line.
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === false) throw new Error(`${file}: expected a file`);
  const fd = openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY);
  try {
    const { size } = fstatSync(fd);
    if (size + bytes.length > MOST_BYTES)
      throw new Error(
        `${file}: ${size} bytes are there already: with ${bytes.length} more GitHub would show none of it`,
      );
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  } finally {
    closeSync(fd);
  }
}
