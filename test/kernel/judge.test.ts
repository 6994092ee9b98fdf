import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { distribution, type Edge, edgesOf, judgeStraps } from "./guest/judge.js";
import { parseTrace } from "./guest/trace.js";

/** As kernel 7.3 wrote it: BOOT is 533 there, CHIP_EN 543. */
const TRACE = `# tracer: nop
#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
            node-108     [000] .....     9.764029: gpio_value: 543 set 1
            node-108     [000] .....     9.764919: gpio_direction: 543 out (0)
            node-108     [000] .....     9.772403: gpio_value: 543 get 1
            node-108     [001] d.h1.     9.805405: gpio_value: 533 set 1
            node-108     [000] .....     9.806781: gpio_value: 543 set 0
            node-108     [000] .....     9.907000: gpio_direction: 533  in (0)
`;
const LINES = new Map([
  [533, "boot"],
  [543, "chipEn"],
] as const);

const MOVES = [
  ["boot", "high"],
  ["chipEn", "low"],
  ["chipEn", "high"],
  ["boot", "low"],
] as const;

/** A sequence of edges at these times. */
const sequence = (...times: [number, number, number, number]): Edge[] =>
  MOVES.map(([line, to], index) => ({ line, to, atMs: Number(times[index]) }));

test("a trace: what was driven and what became an input, with its time; readings are no changes", () => {
  expect(parseTrace(TRACE)).toEqual([
    { atMs: 9764.029, number: 543, to: "high" },
    { atMs: 9805.405, number: 533, to: "high" },
    { atMs: 9806.781, number: 543, to: "low" },
    { atMs: 9907, number: 533, to: "input" },
  ]);
});

test("edges: a level that was there already is none, nor is another line", () => {
  const changes = [...parseTrace(TRACE), { atMs: 9950, number: 7, to: "high" } as const];
  expect(edgesOf(changes, LINES, { boot: "low", chipEn: "high" })).toEqual([
    { line: "boot", to: "high", atMs: 9805.405 },
    { line: "chipEn", to: "low", atMs: 9806.781 },
    { line: "boot", to: "input", atMs: 9907 },
  ]);
});

test("sequences that are as asked for: their times", () => {
  const edges = [...sequence(0, 1, 101, 201), ...sequence(300, 300.5, 403, 505.5)];
  expect(judgeStraps(edges, 2)).toEqual({ wrong: [], resetMs: [100, 102.5], holdMs: [100, 102.5] });
});

test.each<[string, Edge[], number, RegExp]>([
  [
    "a glitch of BOOT",
    [...sequence(0, 1, 101, 201).slice(0, 3), ...sequence(102, 0, 0, 103).slice(3)],
    2,
    /sequence 2/,
  ],
  [
    "an edge too many",
    [...sequence(0, 1, 101, 201), ...sequence(300, 0, 0, 0).slice(0, 1)],
    1,
    /sequence 2: expected nothing; found boot high/,
  ],
  [
    "BOOT after CHIP_EN rose",
    [1, 2, 0, 3].map((index) => sequence(0, 1, 101, 201)[index] as Edge),
    1,
    /found chipEn low/,
  ],
  ["no edge at all", [], 1, /found nothing/],
  ["a reset of 99.999 ms", sequence(0, 1, 100.999, 300), 1, /CHIP_EN was low for less than 100 ms: 99\.999/],
  ["a hold of 99.99 ms", sequence(0, 1, 102, 201.99), 1, /BOOT was held for less than 100 ms: 99\.990/],
])("%s is wrong", (_, edges, sequences, message) => {
  expect(judgeStraps(edges, sequences).wrong.join()).toMatch(message);
});

test("a distribution is of values that were measured", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(distribution(values)).toBe("min 1.00, p50 50.00, p95 95.00, max 100.00 ms");
  expect(distribution([7])).toBe("min 7.00, p50 7.00, p95 7.00, max 7.00 ms");
});

test("any text is a trace, with what it holds of one", () => {
  fc.assert(fc.property(fc.string(), (text) => parseTrace(text).length === 0 || text.includes("gpio_")));
  const change = fc.record({ us: fc.integer({ min: 0, max: 1e12 }), number: fc.nat(1023), high: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const text = changes.map(
        ({ us, number, high }) =>
          ` node-1 [000] ..... ${(us / 1e6).toFixed(6)}: gpio_value: ${number} set ${high ? 1 : 0}`,
      );
      const expected = changes.map(({ us, number, high }) => ({ atMs: us / 1e3, number, to: high ? "high" : "low" }));
      expect(parseTrace(text.join("\n"))).toEqual(expected);
    }),
  );
});
