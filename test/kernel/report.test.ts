import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { hearLine, tellCheck } from "./guest/report.js";
import { INIT } from "./init.js";

const CHECK = { name: "straps-onoff", passed: false, ms: 12.5, facts: ["expected one line\nof two", "é"] };

test("a check comes through a console, which ends its lines in its own way", () => {
  expect(tellCheck(CHECK)).not.toContain("\n");
  expect(hearLine(`${tellCheck(CHECK)}\r`)).toEqual({ check: CHECK });
});

test("a check that is cut anywhere is text, and never a check that passed", () => {
  const told = tellCheck(CHECK);
  for (let end = 0; end < told.length; end++)
    expect(hearLine(told.slice(0, end))).toEqual({ text: told.slice(0, end).trimEnd() });
});

test("the first program of the machine ends with the marker", () => {
  expect(hearLine("@exit 0\r")).toEqual({ exitCode: 0 });
  expect(hearLine("@exit 137")).toEqual({ exitCode: 137 });
  expect(hearLine("@exit ")).toEqual({ text: "@exit" });
  expect(INIT).toMatch(/\nnode .*\necho "@exit \$\?"\nsync\npoweroff -f\n$/);
});

test("whatever is on the console is understood or text", () => {
  fc.assert(fc.property(fc.string(), (line) => expect(hearLine(line)).toEqual({ text: line.trimEnd() })));
  fc.assert(
    fc.property(fc.json(), (json) => {
      const heard = hearLine(`@check ${json}`);
      expect("check" in heard || "text" in heard).toBe(true);
    }),
  );
});
