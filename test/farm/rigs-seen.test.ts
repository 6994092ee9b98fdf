import { expect, test } from "@jest/globals";
import type { RigRecord } from "../../harness/farm/messages.js";
import { couldDo, fits, mayHave, whyNobody } from "../../harness/farm/rigs-seen.js";

const record = (rig: string, more: Partial<RigRecord> = {}): RigRecord => ({
  ...{ rig, agent: "a", host: "h", pid: 1, harness: "0", state: "healthy" },
  ...{ since: "2026-11-28T00:00:00.000Z", beat: 1, has: ["lines"], simulated: false, ...more },
});
const job = (needs: string[], rig?: string) => ({ id: 0, needs, cases: [], ...(rig !== undefined && { rig }) });

test.each([
  ["no rig at all", job([]), [], { reason: "no rig of the farm works", code: "AGENT_LOST" }],
  [
    "the one that was named has gone",
    job([], "two"),
    [record("one")],
    { reason: "two does not work", code: "AGENT_LOST" },
  ],
  [
    "all that could are failing",
    job(["lines"]),
    [record("one", { state: "failing", reason: "a wire" }), record("two", { has: [] })],
    { reason: "one is failing: a wire; two has no lines", code: "AGENT_LOST" },
  ],
  [
    "somebody is at it",
    job([]),
    [record("one", { busy: "pid 7 has it" })],
    { reason: "pid 7 has it", code: "RIG_BUSY" },
  ],
  ["no rig has what it needs", job(["power"]), [record("one")], { reason: "one has no power" }],
])("why no rig takes a job, and whether one should have: %s", (_, of, rigs, told) => {
  expect(whyNobody(of, rigs, [])).toEqual(told);
});

test("a rig that was not named gets no job, and one that was named may get that of another", () => {
  const named = { ...job(["lines"], "one"), among: ["one", "two"] };
  const may = [job([]), job([], "one"), named].map((each) => ["one", "two", "three"].map((rig) => mayHave(each, rig)));
  expect(may).toEqual([
    [true, true, true],
    [true, false, false],
    [true, true, false],
  ]);
  expect(whyNobody(named, [record("three")], [])).toEqual({ reason: "none of one, two works", code: "AGENT_LOST" });
  const busy = record("one", { busy: "pid 7 has it" });
  expect([fits(named, busy), couldDo(named, busy), couldDo(named, record("three"))]).toEqual([false, true, false]);
});

test("what the one rig that could would have done is not skipped when that one is gone", () => {
  const gone = [record("two", { has: ["lines", "spi"] }), record("three")];
  const reason = "one has no spi; two, which could, does not work any more";
  expect(whyNobody(job(["spi"]), [record("one")], gone)).toEqual({ reason, code: "AGENT_LOST" });
  expect(whyNobody(job(["power"]), [record("one")], gone)).toEqual({ reason: "one has no power" });
  expect(whyNobody(job(["spi"], "one"), [record("one")], gone)).toEqual({ reason: "one has no spi" });
});
