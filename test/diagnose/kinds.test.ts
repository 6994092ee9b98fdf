import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { diagnose } from "../../harness/diagnose/diagnose.js";
import { evidenceOfLog } from "../../harness/diagnose/log.js";
import { evidenceOfTrace } from "../../harness/diagnose/trace.js";
import { KINDS, play } from "./kinds.js";
import { vendorLog } from "./vendor-log.js";

/** From the log as the vendor's tool would have it, and from our trace of all that we do about it. */
async function bothOf(kind: Parameters<typeof play>[0]) {
  const plain = await play(kind, "plainly");
  const laddered = await play(kind, "with the ladder");
  return {
    log: diagnose(evidenceOfLog(vendorLog(plain.exchanges, plain.passed))),
    trace: diagnose(evidenceOfTrace(laddered.trace)),
  };
}

test("a good flash is ok, by its log and by its trace", async () => {
  const { log, trace } = await bothOf({ sim: {} });
  expect([log.verdict, trace.verdict]).toEqual(["ok", "ok"]);
  expect(log.because).toBe("1 file written and verified");
  expect(trace.because).toBe("1 file written and verified");
});

test("a trace that was cut is never ok", async () => {
  const { trace } = await play({ sim: {} }, "with the ladder");
  const { records } = trace;
  const step = Math.max(1, Math.floor(records.length / 60));
  for (let at = 0; at < records.length - 1; at += step)
    expect(diagnose(evidenceOfTrace({ ...trace, records: records.slice(0, at), isCut: true })).verdict).toBe("unclear");
});

test("the cause that was planted comes first in nine of ten kinds, and the manual says in which", async () => {
  const rows: string[] = [];
  let missed = 0;
  for (const { code, kind, ...planted } of KINDS) {
    const { log, trace } = await bothOf({ ...planted });
    const firsts = [log, trace].map(({ verdict, causes }) => {
      expect({ kind, verdict }).toEqual({ kind, verdict: "failed" });
      const first = causes[0]?.code;
      if (first !== code) missed++;
      return first === code ? "first" : `after \`${first}\``;
    });
    rows.push(`| ${kind} | \`${code}\` | ${firsts.join(" | ")} |`);
  }
  expect(KINDS.length).toBeGreaterThanOrEqual(10);
  expect(missed * 10).toBeLessThanOrEqual(KINDS.length);
  const table = /\| planted[^\n]*\n[^\n]*\n((?:\|[^\n]*\n)+)/.exec(readFileSync("docs/diagnose.md", "utf8"))?.[1] ?? "";
  expect(table.trimEnd().split("\n")).toEqual(rows);
});
