import type { Story } from "../../../reports/story.js";
import { jsonOf } from "../../base/clean.js";

const INDENT = 2;

/**
 * A run as one JSON document on standard output, its cases one by one: there may be more of them than memory takes.
 *
 * @param facts what the command says besides.
 */
export function printStory(story: Story, facts: object): void {
  const { rigs, interrupted, counts, flaky, left } = story.summary;
  const head = jsonOf({ ...facts, rigs, interrupted, counts, flaky, left }, INDENT);
  process.stdout.write(`${head.slice(0, -"\n}".length)},\n  "cases": [`);
  let before = "";
  for (const row of story.rows()) {
    const text = jsonOf(row, INDENT).replaceAll("\n", "\n    ");
    process.stdout.write(`${before}\n    ${text}`);
    before = ",";
  }
  process.stdout.write(before === "" ? "]\n}\n" : "\n  ]\n}\n");
}
