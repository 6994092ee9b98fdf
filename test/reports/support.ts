import fc from "fast-check";
import type { Fact, Fault, RunEvent, Verdict } from "../../harness/base/events.js";

/** Facts with their places, one every `stepMs` of the run's clock. */
export const eventsOf = (facts: readonly Fact[], stepMs = 500): RunEvent[] =>
  facts.map((fact, seq) => ({ ...fact, seq, atMs: 100 + seq * stepMs }));

export const STARTED = {
  type: "run.started",
  wallTime: "2025-11-22T02:00:00.000Z",
  runId: "run-1",
  harness: "0.1.0",
  seed: 7,
  rigs: ["sim"],
  cases: 6,
} satisfies Fact;

export const fault = (message: string): Fault => ({
  code: "VERIFY_MISMATCH",
  blame: "module",
  message,
  advice: "Erase and program once more.",
  details: { address: 65_536 },
});

const FLASH = { scenario: "cross-flash", rig: "sim" };
const BOOT = { scenario: "boot", rig: "sim" };

/** A made-up run with every verdict, one case cut off by a kill, and texts that XML does not like. */
export const EVERY_VERDICT: RunEvent[] = eventsOf([
  STARTED,
  {
    type: "case.started",
    case: "cross-flash t01@2.0.97 -> t02@2.0.106",
    ...FLASH,
    properties: { "fw.profile": "t02", "fw.version": "2.0.106" },
  },
  { type: "step.started", case: "cross-flash t01@2.0.97 -> t02@2.0.106", step: "flash" },
  { type: "stage", case: "cross-flash t01@2.0.97 -> t02@2.0.106", stage: "erase", ms: 12.3456, bytes: 4096 },
  { type: "step.ended", case: "cross-flash t01@2.0.97 -> t02@2.0.106", step: "flash", ok: true },
  {
    type: "measurement",
    case: "cross-flash t01@2.0.97 -> t02@2.0.106",
    name: "boot",
    value: 640,
    unit: "ms",
    max: 4000,
    ok: true,
  },
  { type: "attachment", case: "cross-flash t01@2.0.97 -> t02@2.0.106", name: "trace", file: "cases/1/trace.jsonl" },
  { type: "note", case: "cross-flash t01@2.0.97 -> t02@2.0.106", message: "served at the boot baud" },
  { type: "case.ended", case: "cross-flash t01@2.0.97 -> t02@2.0.106", ...FLASH, verdict: "passed" },
  { type: "case.started", case: "verify", ...FLASH, properties: {} },
  { type: "step.started", case: "verify", step: "read back" },
  {
    type: "case.ended",
    case: "verify",
    ...FLASH,
    verdict: "failed",
    fault: fault('sim: expected "a]]>b]]>c" & <d>\nfound \u001b[31mred\u001b[0m \u0007 \ud800 \u0085'),
  },
  { type: "case.started", case: "boots", ...BOOT, properties: {} },
  {
    type: "case.ended",
    case: "boots",
    ...BOOT,
    verdict: "broken",
    fault: { ...fault("sim: no answer to the handshake"), code: "NOT_IN_ROM", blame: "rig" },
  },
  { type: "case.ended", case: "boots unlocked", ...BOOT, verdict: "skipped", reason: "needs an unlocked module" },
  { type: "case.started", case: "boots twice", ...BOOT, properties: {} },
  { type: "case.ended", case: "boots twice", ...BOOT, verdict: "aborted", reason: "SIGINT" },
  { type: "case.started", case: "boots in the end", ...BOOT, properties: {} },
  { type: "attachment", case: "boots in the end", name: "boot ]].log", file: "cases/7/boot ]].log" },
  {
    type: "case.retried",
    case: "boots in the end",
    rig: "other",
    verdict: "broken",
    fault: { ...fault("other: no answer [[ATTACHMENT|/etc/passwd]]"), code: "NOT_IN_ROM", blame: "rig" },
  },
  { type: "case.started", case: "boots in the end", ...BOOT, properties: { note: "[[ATTACHMENT|/etc/passwd]]" } },
  { type: "case.ended", case: "boots in the end", ...BOOT, verdict: "passed" },
  { type: "case.started", case: "verifies never", ...FLASH, properties: {} },
  { type: "case.retried", case: "verifies never", rig: "sim", verdict: "failed", fault: fault("sim: 3 differ") },
  { type: "case.started", case: "verifies never", ...FLASH, properties: {} },
  { type: "case.ended", case: "verifies never", ...FLASH, verdict: "failed", fault: fault("sim: 4 differ") },
  {
    type: "rig.retired",
    rig: "sim",
    fault: { ...fault("sim: BOOT could not be released"), code: "RIG_NOT_SAFE", blame: "rig" },
  },
  { type: "case.started", case: "boots thrice", ...BOOT, properties: {} },
]);

/** Any text, with what XML, terminals and servers do not like. */
export const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "]]>",
    "a]]>b]]>",
    "<a>&amp;'\"",
    "\u001b[1m\u001b]0;t\u0007",
    "\udc00x\ud800",
    "\uffff\ufffe",
    "\r\n\t\u0085 ",
    "",
    "__proto__",
    "[[ATTACHMENT|/etc/passwd]]",
    "[[\u001b[0mattachment|x]]",
  ),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
);
const text = anyText;
const verdict = fc.constantFrom<Verdict>("passed", "failed", "broken", "skipped", "aborted");

/** Any facts that a run may emit, in any order, with any texts. */
export const anyEvents: fc.Arbitrary<RunEvent[]> = fc
  .record({
    names: fc.array(text, { minLength: 1, maxLength: 3 }),
    scenario: text,
    rig: text,
    ms: fc.double({ min: 0, max: 1e9, noNaN: true }),
  })
  .chain(({ names, scenario, rig, ms }) => {
    const ofCase = fc.constantFrom(...names).map((name) => ({ case: name }));
    const place = ofCase.map((name) => ({ ...name, scenario, rig }));
    const anyFault = text.map((message): Fault => ({ ...fault(message), details: { message } }));
    const fact: fc.Arbitrary<Fact> = fc.oneof(
      fc
        .tuple(place, fc.dictionary(text, text))
        .map(([at, properties]): Fact => ({ type: "case.started", ...at, properties })),
      fc
        .tuple(place, verdict, text, anyFault)
        .map(([at, ended, reason, why]): Fact => ({ type: "case.ended", ...at, verdict: ended, reason, fault: why })),
      fc.tuple(place, verdict).map(([at, ended]): Fact => ({ type: "case.ended", ...at, verdict: ended })),
      fc.tuple(ofCase, text).map(([at, message]): Fact => ({ type: "note", ...at, message })),
      fc.tuple(ofCase, text).map(([at, what]): Fact => ({ type: "waiting", ...at, what, mostMs: ms })),
      fc.tuple(ofCase, text).map(([at, step]): Fact => ({ type: "step.started", ...at, step })),
      fc.tuple(ofCase, text, fc.boolean()).map(([at, step, ok]): Fact => ({ type: "step.ended", ...at, step, ok })),
      fc.tuple(ofCase, text, text).map(([at, name, file]): Fact => ({ type: "attachment", ...at, name, file })),
      fc.tuple(ofCase, text).map(([at, stage]): Fact => ({ type: "stage", ...at, stage, ms })),
      fc
        .tuple(ofCase, text, text)
        .map(([at, name, unit]): Fact => ({ type: "measurement", ...at, name, unit, value: ms, ok: true })),
      fc
        .tuple(ofCase, fc.constantFrom<Verdict>("failed", "broken", "aborted"), anyFault)
        .map(([at, was, why]): Fact => ({ type: "case.retried", ...at, rig, verdict: was, fault: why })),
      anyFault.map((why): Fact => ({ type: "rig.retired", rig, fault: why })),
      anyFault.map((why): Fact => ({ type: "stray", rig, fault: why })),
      fc.tuple(ofCase, anyFault).map(([at, why]): Fact => ({ type: "stray", ...at, rig, fault: why })),
      fc.boolean().map((interrupted): Fact => ({ type: "run.ended", interrupted })),
    );
    const started = fc.boolean().map((failOnFlaky): Fact => ({ ...STARTED, options: { failOnFlaky } }));
    return fc
      .tuple(started, fc.array(fact, { maxLength: 30 }))
      .map(([first, facts]) => eventsOf([first, ...facts], ms / 30));
  });
