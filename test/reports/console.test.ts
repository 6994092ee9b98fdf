import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { consoleReporter } from "../../reports/console.js";
import { anyEvents, EVERY_VERDICT, eventsOf, fault, STARTED } from "./support.js";

function told(
  events: typeof EVERY_VERDICT,
  {
    color = false,
    tty = false,
    ...more
  }: { color?: boolean; tty?: boolean; realMs?: () => number; before?: typeof EVERY_VERDICT } = {},
): string {
  let text = "";
  const write = (more: string) => {
    text += more;
  };
  const report = consoleReporter({ write, color, tty, ...more });
  for (const event of events) report(event);
  return text;
}

test("a run that goes on names what went wrong before, and the rig of each where there are several", () => {
  const at = { case: "a", scenario: "s", rig: "one" };
  const before = eventsOf([
    { ...STARTED, rigs: ["one", "two"] },
    { type: "case.ended", ...at, verdict: "failed", fault: fault("was wrong") },
  ]);
  const resumed = eventsOf([{ type: "run.resumed", wallTime: "2025-11-22T03:00:00.000Z" }]);
  expect(
    told([...resumed, RUN_ENDED], { before })
      .split("\n")
      .slice(1, 4),
  ).toEqual(["", "failed   a [one]  0.0 s", expect.stringContaining("was wrong")]);
});

const RUN_ENDED = { type: "run.ended", interrupted: true, seq: 99, atMs: 60_100 } as const;

test("a run with every verdict, line by line", () => {
  expect(told([...EVERY_VERDICT.slice(0, -1), RUN_ENDED]).split("\n")).toEqual([
    "st67-hil 0.1.0: 6 cases on sim, seed 7",
    "passed   cross-flash t01@2.0.97 -> t02@2.0.106  3.5 s",
    "failed   verify  1.0 s",
    '         VERIFY_MISMATCH: sim: expected "a]]>b]]>c" & <d>',
    "           found red \\x07 \\ud800 \\x85",
    "         Erase and program once more.",
    "broken   boots  0.5 s",
    "         NOT_IN_ROM: sim: no answer to the handshake",
    "         Erase and program once more.",
    "skipped  boots unlocked (needs an unlocked module)",
    "aborted  boots twice  0.5 s (SIGINT)",
    "passed   boots in the end  0.5 s, after: attempt 1 broken (NOT_IN_ROM)",
    "failed   verifies never  0.5 s",
    "         VERIFY_MISMATCH: sim: 4 differ",
    "         Erase and program once more.",
    "",
    "failed   verify  1.0 s",
    '         VERIFY_MISMATCH: sim: expected "a]]>b]]>c" & <d>',
    "           found red \\x07 \\ud800 \\x85",
    "         Erase and program once more.",
    "broken   boots  0.5 s",
    "         NOT_IN_ROM: sim: no answer to the handshake",
    "         Erase and program once more.",
    "aborted  boots twice  0.5 s (SIGINT)",
    "failed   verifies never  0.5 s",
    "         VERIFY_MISMATCH: sim: 4 differ",
    "         Erase and program once more.",
    "retired  sim",
    "         RIG_NOT_SAFE: sim: BOOT could not be released",
    "         Erase and program once more.",
    "",
    "7 cases in 60.0 s: 2 passed, 2 failed, 1 broken, 1 aborted, 1 skipped, 1 of them flaky",
    "The run was interrupted: not every case was run.",
    "",
  ]);
});

test("a clean run ends in one line", () => {
  const at = { case: "a", scenario: "s", rig: "sim" };
  const events = eventsOf([
    { ...STARTED, cases: 1 },
    { type: "case.started", ...at, properties: {} },
    { type: "case.ended", ...at, verdict: "passed" },
    { type: "run.ended", interrupted: false },
  ]);
  expect(told(events)).toBe("st67-hil 0.1.0: 1 case on sim, seed 7\npassed   a  0.5 s\n\n1 case in 1.5 s: 1 passed\n");
});

test("several rigs are told apart", () => {
  const at = { case: "a", scenario: "s", rig: "two" };
  const events = eventsOf([
    { ...STARTED, rigs: ["one", "two"] },
    { type: "case.ended", ...at, verdict: "passed" },
  ]);
  expect(told(events)).toContain("passed   a [two]  0.0 s\n");
});

test("what no rig was given has none", () => {
  const at = { case: "a", scenario: "s", rig: "" };
  const events = eventsOf([
    { ...STARTED, rigs: ["one", "two"] },
    { type: "case.ended", ...at, verdict: "skipped", reason: "quarantine" },
  ]);
  expect(told(events)).toContain("skipped  a (quarantine)\n");
});

test("at the end, cases in a row with the same fault share its advice", () => {
  const broken = (name: string, message: string) =>
    ({ type: "case.ended", case: name, scenario: "s", rig: "sim", verdict: "broken", fault: fault(message) }) as const;
  const events = eventsOf([
    STARTED,
    broken("a", "x"),
    broken("b", "x"),
    broken("c", "y"),
    { type: "case.ended", case: "d", scenario: "s", rig: "sim", verdict: "passed" },
    { type: "run.ended", interrupted: false },
  ]);
  expect(told(events).split("\n\n")[1]?.split("\n")).toEqual([
    "broken   a  0.0 s",
    "broken   b  0.0 s",
    "         VERIFY_MISMATCH: x",
    "         Erase and program once more.",
    "broken   c  0.0 s",
    "         VERIFY_MISMATCH: y",
    "         Erase and program once more.",
  ]);
});

test("what stands right above is not told once more", () => {
  const events = eventsOf([
    STARTED,
    { type: "case.ended", case: "a", scenario: "s", rig: "sim", verdict: "broken", fault: fault("x") },
    { type: "run.ended", interrupted: false },
  ]);
  expect(told(events).match(/VERIFY_MISMATCH/g)).toHaveLength(1);
});

test("a fault that was healed within a case that passes is told, and so is where a scenario threw", () => {
  const at = { case: "a", scenario: "s", rig: "sim" };
  const events = eventsOf([
    STARTED,
    { type: "case.started", ...at, properties: {} },
    { type: "note", case: "a", message: "a scenario's own" },
    { type: "note", case: "a", message: "sim: nothing came; begun again", trouble: true },
    { type: "rung", case: "a", rung: 2, what: "ask again", ok: true },
    { type: "case.ended", ...at, verdict: "passed" },
    { type: "case.ended", ...at, case: "b", verdict: "failed", fault: { ...fault("x"), at: "mine/x.ts:3:7" } },
  ]);
  const text = told(events);
  expect(text).toContain("passed   a  2.0 s, after: sim: nothing came; begun again (and 1 more)\n");
  expect(text).toContain("         where: mine/x.ts:3:7\n");
});

test("a long wait is told while it lasts, and makes no trouble of a case that passes", () => {
  const at = { case: "a", scenario: "s", rig: "sim" };
  const events = eventsOf([
    STARTED,
    { type: "case.started", ...at, properties: {} },
    { type: "waiting", case: "a", what: "flashChipErase", mostMs: 100_000 },
    { type: "case.ended", ...at, verdict: "passed" },
  ]);
  expect(told(events).split("\n").slice(1)).toEqual([
    "waiting  a: flashChipErase is not answered yet; it is waited for 100.0 s at most",
    "passed   a  1.0 s",
    "",
  ]);
});

test("the module's time is told apart from ours", () => {
  expect(told([...EVERY_VERDICT.slice(0, -1), RUN_ENDED], { realMs: () => 1234 })).toMatch(
    /^\d+ cases in \S+ s of the module's time, 1\.2 s of ours: /m,
  );
});

test("colours come on request alone", () => {
  expect(told(EVERY_VERDICT, { color: true })).toContain("\u001b[31mfailed");
  expect(told(EVERY_VERDICT, { tty: true })).not.toContain("\u001b");
});

test("without a terminal every line is printable ASCII, whatever the module said", () => {
  fc.assert(fc.property(anyEvents, (events) => expect(told(events)).toMatch(/^[\n\t\x20-\x7e]*$/)));
});
