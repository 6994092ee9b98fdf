import { fittedText } from "./junit-size.js";
import type { JunitCase } from "./junit-xml.js";
import type { RunSummary } from "./row.js";
import { TROUBLES_SUITE, troublesOf } from "./run-troubles.js";
import { isEmptyShard } from "./summary.js";
import { firstLine } from "./text.js";

const MESSAGE_BYTES = 500;
const TEXT_BYTES = 20_000;

/** What makes a run end with an exit code other than 0, or with no case at all to show for it, as cases of their own. */
export function casesOfRun(summary: RunSummary, timestamp: string | undefined): readonly JunitCase[] {
  const { cases, counts, planned } = summary;
  const bare = {
    classname: TROUBLES_SUITE,
    timestamp,
    ms: 0,
    properties: {},
    attempts: [],
    systemOut: "",
    attachments: [],
  };
  // Some servers take a file without any case for one that is missing.
  if (isEmptyShard(summary)) {
    const message = "there are fewer cases than shards, and this one has none";
    return [{ ...bare, name: "empty shard", result: { kind: "skipped", message } }];
  }
  const judged = `judged: ${cases.length - counts.aborted} of ${Math.max(planned, cases.length)} cases`;
  return troublesOf(summary).map(({ name, verdict, code, message, advice }) => ({
    ...bare,
    name,
    result: {
      kind: verdict === "failed" ? "failure" : "error",
      type: code,
      message: fittedText(firstLine(message), MESSAGE_BYTES, "attribute"),
      text: fittedText(`${message}\nadvice: ${advice}\n${judged}`, TEXT_BYTES),
    },
  }));
}
