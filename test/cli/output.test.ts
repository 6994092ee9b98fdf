import { PassThrough } from "node:stream";
import { afterEach, expect, jest, test } from "@jest/globals";
import pc from "picocolors";
import { HarnessError } from "../../harness/base/errors.js";
import { print, printJson, report, tell } from "../../harness/cli/terminal/output.js";
import { terminalOf } from "../../rigs/lines/terminal.js";

const colors = pc.createColors(true);

function shownOn(stream: NodeJS.WriteStream, act: () => void): string {
  let shown = "";
  const spy = jest.spyOn(stream, "write").mockImplementation((text) => {
    shown += String(text);
    return true;
  });
  act();
  spy.mockRestore();
  return shown;
}

afterEach(() => void jest.restoreAllMocks());

test("our colours are there, those of what is shown are not", () => {
  const text = "\x1b[32mpassed\x1b[0m \x9b2J\x1b";
  expect(shownOn(process.stdout, () => print(text, colors.red))).toBe("\x1b[31mpassed \\x1b\x1b[39m\n");
  expect(shownOn(process.stderr, () => tell(text, colors.red))).toBe("\x1b[31mpassed \\x1b\x1b[39m\n");
  expect(shownOn(process.stdout, () => print("a banner\r\nof two lines"))).toBe("a banner\nof two lines\n");
});

test("errors and JSON, too", () => {
  const error = new HarnessError("RIG_INVALID", "a\x1b[2Jb\u202e", { advice: "c\x9b" });
  expect(shownOn(process.stderr, () => void report(error, false))).toBe(
    "error RIG_INVALID (config): ab\\u202e\n  c\\x9b\n",
  );
  const json = shownOn(process.stdout, () => printJson({ name: "\x9b\x7f" }));
  expect(json).toBe('{\n  "name": "\\u009b\\u007f"\n}\n');
});

test.each([
  ["sectors", true],
  ["none", false],
])("after a flash that erased %s, the command that was given begins it anew: %j", (erase, anew) => {
  const error = new HarnessError("PORT_LOST", "gone", { details: { flash: { erase } } });
  expect(shownOn(process.stderr, () => void report(error, false)).includes("The command: st67-hil")).toBe(anew);
});

test("a person who is asked for something is shown no more", async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const terminal = terminalOf(input, output);
  terminal.tell("\x1b[31mhold\x9b");
  const asked = terminal.ask("BOOT\x1b[0m? ", new AbortController().signal);
  input.write("\n");
  await asked;
  expect(String(output.read())).toBe("hold\\x9b\nBOOT? ");
});
