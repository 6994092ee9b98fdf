import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "@jest/globals";
import { progressOf } from "../../harness/cli/terminal/progress.js";
import { loadRig } from "../../rigs/file/load.js";

/** A terminal of 80 columns, and all that was written to it. */
function terminal({ columns = 80, isTTY = true } = {}) {
  const shown: string[] = [];
  const nothing = () => true;
  const stream = Object.assign(new PassThrough(), {
    columns,
    isTTY,
    clearLine: nothing,
    cursorTo: nothing,
    moveCursor: nothing,
    write: (text: string) => shown.push(stripVTControlCharacters(text)) > 0,
  });
  return { shown, stream: stream as unknown as NodeJS.WriteStream };
}

const SIMULATED = loadRig("sim");

/** Two stages, the first with its percents; what it tells of ends goes to the process's own stderr. */
async function flashed(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv, rig = SIMULATED): Promise<void> {
  const { write } = process.stderr;
  process.stderr.write = () => true;
  try {
    using progress = await progressOf([rig], stream, env);
    progress.begin("write one");
    for (let done = 1; done <= 100; done++) progress.update("write one", done, 100);
    progress.done({ stage: "write one", ms: 5 });
    progress.begin("verify one");
  } finally {
    process.stderr.write = write;
  }
}

test("what a spinner shows is the stage at work, not the one that ended", async () => {
  const { shown, stream } = terminal();
  await flashed(stream, { TERM: "xterm" });
  const [first, ...others] = shown.flatMap((text) => /(write|verify) one.*/.exec(text)?.[0] ?? []);
  expect(first).toBe("write one");
  expect(others.at(-1)).toBe("verify one");
});

test.each<[string, { columns?: number; isTTY?: boolean }, NodeJS.ProcessEnv]>([
  ["in a CI with a terminal", {}, { TERM: "xterm", CI: "true" }],
  ["in a CI of another word", {}, { TERM: "xterm", CI: "0" }],
  ["on a dumb terminal", {}, { TERM: "dumb" }],
  ["without a width", { columns: 0 }, { TERM: "xterm" }],
  ["without a terminal", { isTTY: false }, { TERM: "xterm" }],
])("no spinner, and none of its lines: %s", async (_, of, env) => {
  const { shown, stream } = terminal(of);
  await flashed(stream, env);
  expect(shown).toEqual([]);
});

test("no spinner where a person is asked to press buttons: it would be drawn over the question", async () => {
  const { shown, stream } = terminal();
  const byHand = { ...SIMULATED, straps: { ...SIMULATED.straps, driver: "manual" as const } };
  await flashed(stream, { TERM: "xterm" }, byHand);
  expect(shown).toEqual([]);
});

test.each([
  [true, /flashErase is not answered yet; it is waited for 100 s at most/, ""],
  [false, /^$/, "flashErase is not answered yet; it is waited for 100 s at most\n"],
])("a long wait is told by the spinner, or else as a line (a terminal: %s)", async (isTTY, spun, line) => {
  const { shown, stream } = terminal({ isTTY });
  const { write } = process.stderr;
  let lines = "";
  process.stderr.write = (text: string | Uint8Array) => {
    lines += stripVTControlCharacters(String(text));
    return true;
  };
  try {
    using progress = await progressOf([SIMULATED], stream, { TERM: "xterm" });
    progress.waiting("flashErase", 100_000);
  } finally {
    process.stderr.write = write;
  }
  expect(shown.join("")).toMatch(spun);
  expect(lines).toBe(line);
});

test("an empty CI is none", async () => {
  const { shown, stream } = terminal();
  await flashed(stream, { TERM: "xterm", CI: "" });
  expect(shown.join("")).toContain("verify one");
  expect(shown.filter((text) => text.includes("%")).length).toBeLessThan(5);
});
