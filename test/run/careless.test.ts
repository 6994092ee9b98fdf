import { expect, test } from "@jest/globals";
import { play, type Untyped } from "../support/play.js";

test.each([
  ["note", [{}], "note: expected a text, got {}"],
  ["skip", [], "skip: expected a text, got undefined"],
  ["step", [Symbol("s")], "step: expected a text, got Symbol(s)"],
  ["step", ["s", 3], "step s: expected a function, got 3"],
  ["attach", [3, "x"], "attach: expected a text, got 3"],
  ["attach", ["log", { a: 1 }], "attach log: expected a text or bytes, got { a: 1 }"],
  ["attach", ["a\nb", "x"], 'attachment "a\\nb": expected a file name without folders and control characters'],
  ["measure", ["m", 1, 5], "measure m, its unit: expected a text, got 5"],
  ["measure", ["m", "1", "V"], "measure m: expected a number, got '1'"],
  ["measure", ["m", 1, "V", { min: "2" }], "measure m, a limit: expected a number, got '2'"],
  ["boot", ["t01@2.0.97"], expect.stringMatching(/^boot: expected a firmware, or .*got 't01@2.0.97'/)],
  ["boot", [{}], expect.stringMatching(/^boot: expected a firmware, or /)],
  ["boot", [null], expect.stringMatching(/^boot: expected a firmware, or .*got null/)],
  ["boot", [{ profile: "T01", version: "2.0.97" }], expect.stringMatching(/^boot: expected a firmware, or /)],
  ["flash", [{ label: "t01@2.0.97" }], expect.stringMatching(/^flash: expected a firmware of the matrix, got /)],
  ["flash", [], "flash: expected a firmware of the matrix, got undefined"],
  ["interrupt", [{}, { faults: [{}] }], "interrupt: expected a firmware of the matrix, got {}"],
  ["openSession", ["7"], "openSession, the ladder: expected a rung from 0 to 8, got '7'"],
  [
    "interrupt",
    [{}, { moment: { stage: "lunch" }, cause: "power" }],
    expect.stringMatching(/^interrupt: expected \{ mom/),
  ],
  [
    "interrupt",
    [{}, { moment: { stage: "erase" }, cause: "cat" }],
    expect.stringMatching(/^interrupt: .*one of chip-en/),
  ],
  [
    "interrupt",
    [{}, { moment: { stage: "hash" }, idleMs: 0 }],
    expect.stringMatching(/^interrupt: .*idleMs: more than 0/),
  ],
  [
    "interrupt",
    [{}, { moment: { stage: "hash" }, idleMs: Number.NaN }],
    expect.stringMatching(/^interrupt: .*idleMs: more than 0/),
  ],
  [
    "interrupt",
    [{}, { moment: { stage: "hash" }, idleMs: 5, cause: "boredom" }],
    expect.stringMatching(/^interrupt: .*idleMs: more than 0/),
  ],
  [
    "interrupt",
    [{}, { moment: { stage: "write", file: "FW", percent: 5, lateMs: -1 }, cause: "power" }],
    expect.stringMatching(/^interrupt: expected \{ mom/),
  ],
  [
    "tryStrap",
    [{ resetMs: 1, setupMs: 1, holdMs: 1 }],
    expect.stringMatching(/^tryStrap: expected \{ resetMs, .*got \{/),
  ],
  [
    "tryStrap",
    [{ resetMs: -1, setupMs: 1, holdMs: 1, delayMs: 1 }],
    expect.stringMatching(/^tryStrap: .* at least 0, got /),
  ],
  ["tryStrap", [null], expect.stringMatching(/^tryStrap: .*got null/)],
  ["interrupt", [{}, { faults: [] }], expect.stringMatching(/^interrupt: .*or \{ faults: a list \}/)],
  ["bringBack", [{}, {}], "bringBack: expected what interrupt gave, got {}"],
  [
    "arm",
    [{ faults: [{ at: { ms: 5 }, do: "reset" }] }],
    expect.stringMatching(/^faults to order: .*expected command/s),
  ],
  ["arm", [{ quirks: { t02Reflash: true } }], expect.stringMatching(/^faults to order: .*t02Reflash/s)],
  ["measure", ["m", 1, "V", { max: Number.NaN }], "measure m, a limit: expected a number, got NaN"],
])("%s(%j): refused with what was expected", async (name, args, message) => {
  const { verdict, fault } = await play((bench) => bench[name]?.(...args));
  expect({ verdict, code: fault?.code, message: fault?.message }).toEqual({
    verdict: "broken",
    code: "SCENARIO_INVALID",
    message,
  });
});

test.each([
  ["a step", "step s", (bench: Untyped) => bench["step"]?.("s", forEver)],
  ["a session", "openSession", (bench: Untyped) => bench["openSession"]?.()],
  ["a boot", "boot", (bench: Untyped) => bench["boot"]?.()],
])("%s that nobody awaits has proved nothing: the case does not pass", async (_, what, begin) => {
  const { verdict, fault, settled } = await play((bench) => {
    void (begin(bench) as Promise<unknown>).catch(() => undefined);
  });
  const message = `the body ended while ${what} was still under way: an await is missing`;
  expect({ verdict, settled, code: fault?.code, message: fault?.message }).toEqual({
    verdict: "broken",
    settled: false,
    code: "SCENARIO_INVALID",
    message,
  });
});

const forEver = () => new Promise(() => undefined);
