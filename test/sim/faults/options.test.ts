import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Fault } from "../../../harness/sim/faults/options.js";
import { loadRig } from "../../../rigs/file/load.js";

test("what is left out has a default", () => {
  expect(Fault.parse({ at: { command: "flashWrite" }, do: "drop" })).toEqual({
    at: { kind: "command", command: "flashWrite", nth: 1 },
    do: "drop",
    count: 1,
    probability: 1,
    forMs: 0,
  });
  expect(Fault.parse({ at: { stage: "erase" }, do: "cutPower" })).toMatchObject({
    at: { kind: "stage", stage: "erase", nth: 1, fraction: 0.5 },
    forMs: 500,
  });
  expect(Fault.parse({ at: { byte: 0, dir: "host" }, do: "delay" })).toMatchObject({
    at: { kind: "byte", byte: 0, dir: "host" },
    forMs: 1000,
  });
  expect(Fault.parse({ at: { ms: 12.5 }, do: "reset" })).toMatchObject({ at: { kind: "ms", ms: 12.5 } });
});

test.each<[string, unknown, string]>([
  ["no place", { at: {}, do: "drop" }, "at: expected exactly one of: command, with nth; byte, with dir; stage"],
  ["two places", { at: { ms: 1, byte: 3 }, do: "silent" }, "at: expected exactly one of"],
  ["a byte of nobody", { at: { byte: 3 }, do: "drop" }, "at.dir: expected host or module"],
  [
    "a fraction of a command",
    { at: { command: "reset", fraction: 0.5 }, do: "drop" },
    "at.fraction: expected nothing: fraction means nothing at a command",
  ],
  ["the nth byte", { at: { byte: 3, dir: "host", nth: 2 }, do: "drop" }, "at.nth: expected nothing"],
  [
    "a status at a byte",
    { at: { byte: 3, dir: "host" }, do: { refuse: 6 } },
    "do: expected one of drop, flip, insert, delay, silent, cutPower, reset: refuse means nothing at a byte",
  ],
  [
    "a byte's fault at a time",
    { at: { ms: 5 }, do: "drop" },
    "do: expected one of silent, cutPower, reset: drop means nothing at a time",
  ],
  ["noise in an erase", { at: { stage: "erase" }, do: "insert" }, "insert means nothing at the stage erase"],
  [
    "a hash that is left out",
    { at: { stage: "hash" }, do: "drop" },
    "do: expected one of delay, silent, cutPower, reset, refuse: drop means nothing at the stage hash",
  ],
  ["a time twice", { at: { ms: 5 }, do: "reset", count: 2 }, "count: expected 1: a time comes once"],
  [
    "a long flip",
    { at: { byte: 1, dir: "host" }, do: "flip", forMs: 5 },
    "forMs: expected nothing: flip has no length",
  ],
  [
    "an unknown action",
    { at: { ms: 5 }, do: "explode" },
    "do: expected one of drop, flip, insert, delay, silent, cutPower, reset or { refuse: status",
  ],
  ["status 0", { at: { command: "reset" }, do: { refuse: 0 } }, "do.refuse: Too small: expected number to be >=1"],
])("refused: %s", (_, fault, told) => {
  const issues = Fault.safeParse(fault).error?.issues ?? [];
  expect(issues.map(({ path, message }) => `${path.join(".")}: ${message}`)).toEqual([expect.stringContaining(told)]);
});

test.each([
  { at: { command: "flashwrite" }, do: "drop" },
  { at: { command: "flashWrite", nth: 0 }, do: "drop" },
  { at: { byte: -1, dir: "host" }, do: "drop" },
  { at: { byte: 1, dir: "both" }, do: "drop" },
  { at: { stage: "read" }, do: "reset" },
  { at: { stage: "erase", fraction: 1.1 }, do: "reset" },
  { at: { ms: -1 }, do: "reset" },
  { at: { ms: 1 }, do: "reset", probability: 2 },
  { at: { ms: 1 }, do: "cutPower", forMs: 0 },
  { at: { ms: 1 }, do: "reset", often: 2 },
  { do: "reset" },
  { at: { ms: 1 } },
])("refused: %j", (fault) => {
  expect(Fault.safeParse(fault).success).toBe(false);
});

// NaN among the numbers is meant: YAML has it, as `.nan`.
test("as JSON of any kind: parsed or refused, nothing is thrown", () => {
  const place = fc.record(
    {
      command: fc.constantFrom("flashWrite", "reset", "nonsense"),
      nth: fc.integer({ min: -1, max: 5 }),
      byte: fc.integer({ min: -1, max: 5 }),
      dir: fc.constantFrom("host", "module", ""),
      stage: fc.constantFrom("erase", "program", "hash", ""),
      fraction: fc.double(),
      ms: fc.double(),
    },
    { requiredKeys: [] },
  );
  const fault = fc.record(
    {
      at: fc.oneof(place, fc.jsonValue()),
      do: fc.oneof(
        fc.constantFrom("drop", "delay", "cutPower", "silent"),
        fc.jsonValue(),
        fc.record({ refuse: fc.nat() }),
      ),
      count: fc.integer({ min: -1, max: 3 }),
      probability: fc.double(),
      forMs: fc.double(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fault, (one) => {
      const parsed = Fault.safeParse(one);
      if (parsed.success) expect(KINDS).toContain(parsed.data.at.kind);
      else for (const { message } of parsed.error.issues) expect(message).not.toBe("");
    }),
    { numRuns: 500 },
  );
});

const KINDS = ["command", "byte", "stage", "ms"];

test("a mistake in a rig file is told with its place, and what was probably meant", () => {
  const told = (set: string) => {
    try {
      loadRig("sim", [set]);
      return "nothing";
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(told("sim.faults=[{ at: { command: flashWrit, nth: 3 }, do: drop }]")).toContain("did you mean flashWrite?");
  expect(told("sim.faults=[{ at: { ms: 5 }, do: flip }]")).toContain(
    "sim.faults.0.do: expected one of silent, cutPower, reset",
  );
  expect(told("sim.faults=[{ at: { command: flashWrite, nth: 3 }, do: { refuse: 0x0006 } }]")).toBe("nothing");
});
