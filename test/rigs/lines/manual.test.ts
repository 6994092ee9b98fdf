import { PassThrough } from "node:stream";
import { expect, test } from "@jest/globals";
import { HarnessError } from "../../../harness/base/errors.js";
import { Deadline } from "../../../harness/base/time.js";
import { VirtualClock } from "../../../harness/sim/time/clock.js";
import { ManualStraps } from "../../../rigs/lines/manual.js";
import { type Terminal, terminalOf } from "../../../rigs/lines/terminal.js";
import { TIMING } from "../../support/rig.js";
import { scriptedTerminal } from "../support.js";

function atButtons(terminal: Terminal) {
  const clock = new VirtualClock();
  const straps = new ManualStraps("bench-2", { ...TIMING, strapHoldMs: 80 }, terminal);
  return { clock, straps, soon: Deadline.in(60_000, "the test", clock) };
}

test("into the ROM: four prompts in the right order, each with its time", async () => {
  const { prompts, terminal } = scriptedTerminal();
  const { straps, soon } = atButtons(terminal);
  await straps.set("boot", true, soon);
  await straps.set("chipEn", false, soon);
  await straps.set("chipEn", true, soon);
  await straps.set("boot", false, soon);
  expect(prompts).toEqual([
    "bench-2: Hold BOOT high (press the BOOT button and keep it pressed), then press Enter: ",
    "bench-2: Pull CHIP_EN low (press RESET and keep it pressed, for 100 ms or longer), then press Enter: ",
    "bench-2: Release RESET (CHIP_EN high), but keep BOOT high for 80 ms or longer, then press Enter: ",
    "bench-2: Release BOOT (low), then press Enter: ",
  ]);
});

test("a line that is where it should be is not asked for again", async () => {
  const { prompts, terminal } = scriptedTerminal();
  const { straps, soon } = atButtons(terminal);
  await straps.set("boot", false, soon);
  await straps.set("chipEn", false, soon);
  await straps.set("chipEn", true, soon);
  await straps.set("boot", false, soon);
  expect(prompts).toHaveLength(3);
  expect(prompts[2]).toBe("bench-2: Release RESET (CHIP_EN high), then press Enter: ");
  await straps.set("power", false, soon);
  await straps.set("power", true, soon);
  expect(prompts.slice(3)).toEqual([
    "bench-2: Switch the module's power off (for 500 ms or longer), then press Enter: ",
    "bench-2: Switch the module's power on, then press Enter: ",
  ]);
});

test("nobody answers: the deadline ends the prompt, and the line is asked for again", async () => {
  const { prompts, signals, terminal } = scriptedTerminal(() => new Promise(() => undefined));
  const { clock, straps, soon } = atButtons(terminal);
  for (const _ of [1, 2]) {
    await expect(straps.set("boot", true, soon.within(1000, "the buttons"))).rejects.toMatchObject({
      message: "the buttons took longer than 1000 ms",
    });
  }
  expect(clock.now()).toBe(2000);
  expect(prompts).toHaveLength(2);
  expect(signals.every(({ aborted }) => aborted)).toBe(true);
});

test("after a prompt that was not answered, nobody knows where the line is", async () => {
  const answers = [Promise.resolve(), new Promise<void>(() => undefined), Promise.resolve()];
  const { prompts, terminal } = scriptedTerminal(() => answers.shift() ?? Promise.resolve());
  const { straps, soon } = atButtons(terminal);
  await straps.set("boot", true, soon);
  await expect(straps.set("boot", false, soon.within(10, "x"))).rejects.toMatchObject({ code: "COMMAND_TIMEOUT" });
  await straps.set("boot", true, soon);
  expect(prompts.map((prompt) => /high|low/.exec(prompt)?.[0])).toEqual(["high", "low", "high"]);
});

test("an interrupt ends a prompt at once", async () => {
  const { signals, terminal } = scriptedTerminal(() => new Promise(() => undefined));
  const { clock, straps } = atButtons(terminal);
  const abort = new AbortController();
  const reason = new HarnessError("ABORTED", "interrupted by SIGINT");
  const asking = straps.set("boot", true, Deadline.in(60_000, "x", clock, abort.signal));
  void clock.sleep(30).then(() => abort.abort(reason));
  await expect(asking).rejects.toBe(reason);
  expect(clock.now()).toBe(30);
  expect(signals[0]?.aborted).toBe(true);
});

function streams() {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  return { input, output, shown: () => String(output.read() ?? ""), terminal: terminalOf(input, output) };
}

test("a terminal shows one prompt, and Enter answers it", async () => {
  const { input, shown, terminal } = streams();
  expect(terminal.isTTY).toBe(true);
  const asked = terminal.ask("Release BOOT: ", new AbortController().signal);
  expect(shown()).toBe("Release BOOT: ");
  let answered = false;
  void asked.then(() => {
    answered = true;
  });
  await new Promise(setImmediate);
  expect(answered).toBe(false);
  input.write("\n");
  await asked;
  const next = terminal.ask("Release RESET: ", new AbortController().signal);
  input.write("yes\n");
  await next;
  terminal.tell("done");
  expect(shown()).toBe("Release RESET: done\n");
});

test("an aborted prompt, an ended input and a closed one all end the question", async () => {
  const { input, terminal } = streams();
  const abort = new AbortController();
  const asked = terminal.ask("Release BOOT: ", abort.signal);
  abort.abort(new Error("enough"));
  await expect(asked).rejects.toThrow("enough");
  await expect(terminal.ask("again: ", abort.signal)).rejects.toThrow("enough");
  const ended = { code: "ABORTED", message: "the input ended at the question: Release BOOT:" };
  const last = terminal.ask("Release BOOT: ", new AbortController().signal);
  input.end();
  await expect(last).rejects.toMatchObject(ended);
  await expect(terminal.ask("Release BOOT: ", new AbortController().signal)).rejects.toMatchObject(ended);
});

test.each([
  [true, false],
  [false, true],
])("both ends must be a terminal: input %p, output %p", (input, output) => {
  const channel = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY });
  expect(terminalOf(channel(input), channel(output)).isTTY).toBe(false);
  expect(terminalOf(new PassThrough(), new PassThrough()).isTTY).toBe(false);
});
