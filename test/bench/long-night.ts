import type { Fact, RunEvent } from "../../harness/base/events.js";
import { eventsOf, fault, STARTED } from "../reports/support.js";

/** What a case of a nightly run tells: every 50th fails, at length. */
function factsOf(index: number): Fact[] {
  const name = `cross-flash t01@2.0.97 -> t02@2.0.106 #${index}`;
  const at = { case: name, scenario: `cross-flash-${index % 20}`, rig: "bench-1" };
  const failed = index % 50 === 0;
  const step = (text: string): Fact[] => [
    { type: "step.started", case: name, step: text },
    ...["erase", "load", "program", "verify"].map((stage): Fact => {
      return { type: "stage", case: name, stage: `${stage} ${text}`, ms: 1234.567, bytes: 860_584 };
    }),
    { type: "measurement", case: name, name: text, value: 640.5, unit: "ms", max: 4000, ok: true },
    { type: "step.ended", case: name, step: text, ok: !failed },
  ];
  const properties = { "fw.profile": "t02", "fw.version": "2.0.106", from: "t01@2.0.97", baud: "2000000" };
  const long = "E (312) boot2: hash of the image differs, expected 5d41402abc4b2a76 <&>\n".repeat(50);
  return [
    { type: "case.started", ...at, properties: { ...properties, "fw.sha256": "5d41402abc4b2a76".repeat(4) } },
    ...["flash t01", "boot t01", "flash t02", "boot t02"].flatMap(step),
    { type: "note", case: name, message: "served at the boot baud, as the rig file says" },
    { type: "attachment", case: name, name: "trace.jsonl", file: `cases/cross-flash-${index}/trace.jsonl` },
    ...(failed ? [{ type: "output", case: name, text: long } as const] : []),
    { type: "case.ended", ...at, verdict: failed ? "failed" : "passed", ...(failed && { fault: fault(long) }) },
  ];
}

/** A run of so many cases. */
export function* longNight(cases: number): Generator<RunEvent> {
  yield { ...STARTED, cases, rigs: ["bench-1"], seq: 0, atMs: 0 };
  for (let index = 0; index < cases; index++) yield* eventsOf(factsOf(index));
  yield { type: "run.ended", interrupted: false, seq: 0, atMs: 0 };
}
