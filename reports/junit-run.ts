import { fittedText } from "./junit-size.js";
import type { JunitCase } from "./junit-xml.js";
import type { RunSummary } from "./row.js";
import { firstLine } from "./text.js";

/** Where what no case tells is told. */
export const RUN_CLASS = "hil.run";

const MESSAGE_BYTES = 500;
const TEXT_BYTES = 20_000;

/**
 * What makes a run end with exit code 2 with no case to show for it, as cases of their own: a server that sees passed ones
 * alone would be green. No count or time is in a name, so they are the same ones from night to night.
 */
export function casesOfRun(summary: RunSummary, timestamp: string | undefined): readonly JunitCase[] {
  const { interrupted, cases, counts, planned, retired, strays } = summary;
  const errorOf = (name: string, type: string, message: string, text: string): JunitCase => ({
    ...{ name, classname: RUN_CLASS, timestamp, ms: 0, properties: {}, attempts: [], systemOut: "", attachments: [] },
    result: {
      kind: "error",
      type,
      message: fittedText(message, MESSAGE_BYTES, "attribute"),
      text: fittedText(text, TEXT_BYTES),
    },
  });
  const judged = cases.length - counts.aborted;
  const cut = `interrupted: ${judged} of ${Math.max(planned, cases.length)} cases were judged`;
  const none = cases.length === 0 ? "no case was run" : "all cases were skipped";
  const ofRigs = [
    ...retired.map((each) => ({ ...each, name: `rig retired: ${each.rig}` })),
    ...strays.map((each) => ({ ...each, name: `stray error: ${each.rig}` })),
  ];
  return [
    ...(interrupted ? [errorOf("interrupted", "interrupted", cut, cut)] : []),
    ...(counts.skipped === cases.length ? [errorOf("nothing judged", "nothing judged", none, none)] : []),
    ...ofRigs.map(({ name, fault: { code, blame, message, advice } }) =>
      errorOf(name, code, firstLine(message), `${message}\ncode: ${code} (blame: ${blame})\nadvice: ${advice}`),
    ),
  ];
}
