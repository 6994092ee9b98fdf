import { describe, expect, test } from "@jest/globals";
import { HarnessError, reasonOf } from "../../harness/base/errors.js";
import { Deadline } from "../../harness/base/time.js";
import type { Wire } from "../../harness/base/wire.js";
import { planOf } from "../../harness/flash/plan.js";
import { eraseChip, eraseRange } from "../../harness/recover/erase.js";
import { flashModule } from "../../harness/recover/flash.js";
import { openModule } from "../../harness/recover/open.js";
import { outcomeOf } from "../../harness/run/outcome.js";
import { type Observer, SILENT } from "../../harness/session/stage.js";
import { simBench } from "../support/bench.js";
import { plainSet, syntheticSet } from "../support/package.js";

const ONE = { section: "one", address: 0x8000, bytes: new Uint8Array(8000).fill(0x11) };
const TWO = { section: "two", address: 0xa000, bytes: new Uint8Array(8000).fill(0x22) };
const LOST = new HarnessError("PORT_LOST", "bench: the port went away while it was open");
const STOPPED = new HarnessError("ABORTED", "interrupted by SIGINT");

/** The same wire, that fails with `error` from when `broken` says so. */
const breaking = (wire: Wire, broken: () => boolean, error: HarnessError): Wire => ({
  get baud() {
    return wire.baud;
  },
  write: async (bytes, deadline) => {
    if (broken()) throw error;
    return wire.write(bytes, deadline);
  },
  read: (deadline) => wire.read(deadline),
  setBaud: async (baud, deadline) => {
    if (broken()) throw error;
    return wire.setBaud(baud, deadline);
  },
  arrived: () => wire.arrived(),
  drop: () => wire.drop(),
  [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
});

/** Flashes until `when` is true of what was told, and gives what was thrown. */
async function interrupted(
  how: "lost" | "stopped",
  when: (stage: string, done: number) => boolean,
  { erase = 1 as 0 | 1 | 2, whole = false } = {},
): Promise<HarnessError> {
  const { rig, clock } = simBench({ contents: "blank" });
  const abort = new AbortController();
  const deadline = Deadline.in(3_600_000, "the test", clock, abort.signal);
  let over = false;
  const see = (stage: string, done: number) => {
    if (!when(stage, done) || over) return;
    over = true;
    if (how === "stopped") abort.abort(STOPPED);
  };
  const observer: Observer = { stage: ({ stage }) => see(stage, -1), progress: (stage, done) => see(stage, done) };
  const session = await openModule({ ...rig, wire: breaking(rig.wire, () => over && how === "lost", LOST) }, deadline);
  const set = whole ? syntheticSet("t01") : plainSet([ONE, TWO], { erase });
  return flashModule(session, planOf({ ...set, findings: [] }, { compress: "off" }), deadline, observer).then(
    () => {
      throw new Error("nothing was thrown");
    },
    (error: HarnessError) => error,
  );
}

const AGAIN = "Flash it again with the same arguments: that begins from nothing.";

describe("a flash that ends early says what the module is left with, and what to do", () => {
  test("a port that is lost in mid-write", async () => {
    const error = await interrupted("lost", (stage, done) => stage === "write two" && done === 2048);
    expect(error).toMatchObject({
      code: "PORT_LOST",
      blame: "rig",
      message: `${LOST.message}; sectors are erased and 62 % is written (10048 of 16000 bytes): plain is not whole on it`,
      advice: `${LOST.advice} ${AGAIN}`,
      details: { flash: { erase: "sectors", writtenBytes: 10_048, totalBytes: 16_000 } },
    });
  });

  test("a firmware, after a chip erase", async () => {
    const error = await interrupted("lost", (stage) => stage === "erase-chip", { whole: true });
    expect(error.message).toMatch(
      /; the chip is erased and 0 % is written \(0 of \d+ bytes\): it holds no whole firmware$/,
    );
  });

  test("without an erase", async () => {
    const error = await interrupted("lost", (stage, done) => stage === "write one" && done === 2048, { erase: 0 });
    expect(error.message).toContain("; 12 % is written (2048 of 16000 bytes): plain is not whole on it");
    expect(error.details).toMatchObject({ flash: { erase: "none" } });
    expect(error.advice).toBe(
      `${LOST.advice} Erase what was written, then flash it again: nothing else lets it begin anew.`,
    );
  });

  test("Ctrl-C: the advice is no longer that there is nothing to fix", async () => {
    const error = await interrupted("stopped", (stage, done) => stage === "write one" && done === 4096);
    expect(error).toMatchObject({
      code: "ABORTED",
      blame: "operator",
      message: `${STOPPED.message}; sectors are erased and 25 % is written (4096 of 16000 bytes): plain is not whole on it`,
      advice: AGAIN,
    });
    const signal = AbortSignal.abort(STOPPED);
    expect(outcomeOf(error, signal)).toMatchObject({ verdict: "aborted", fault: { message: error.message } });
    expect(reasonOf(STOPPED, new AggregateError([LOST, error]))).toBe(error);
    expect(outcomeOf(LOST, signal)).toMatchObject({ verdict: "aborted", fault: { message: STOPPED.message } });
  });

  test("all is written, and the last hash was never seen", async () => {
    const error = await interrupted("lost", (stage, done) => stage === "write two" && done === -1);
    expect(error.message).toContain("; sectors are erased and everything is written, but not all of it is proven");
  });

  test("bytes that do not hold: the file that is begun again is counted once", async () => {
    const { rig, deadline, module } = simBench({ contents: "blank" });
    const spoil: Observer = {
      ...SILENT,
      stage: ({ stage }) => {
        if (stage === "write two") module.flash[0xa100] = 0;
      },
    };
    const plan = planOf({ ...plainSet([ONE, TWO]), findings: [] });
    await expect(flashModule(await openModule(rig, deadline), plan, deadline, spoil)).rejects.toMatchObject({
      code: "VERIFY_MISMATCH",
      message: expect.stringMatching(/; sectors are erased and everything is written, but not all of it is proven$/),
      details: { flash: { writtenBytes: 16_000, totalBytes: 16_000 } },
    });
  });

  test("an erase that the chip refuses", async () => {
    const { rig, deadline } = simBench({ quirks: { flashFails: true } });
    const plan = planOf({ ...plainSet([ONE]), findings: [] });
    await expect(flashModule(await openModule(rig, deadline), plan, deadline)).rejects.toMatchObject({
      code: "COMMAND_REFUSED",
      message: expect.stringContaining("; an erase was begun, and whether it was done is not known; 0 % is written"),
      details: { command: "flashErase", flash: { erase: "begun", writtenBytes: 0 } },
    });
  });
});

test("an untouched module is what it was, and nothing is said of it", async () => {
  const { rig, deadline } = simBench({ contents: "blank" });
  let over = false;
  const session = await openModule({ ...rig, wire: breaking(rig.wire, () => over, LOST) }, deadline);
  over = true;
  const plan = planOf({ ...plainSet([ONE]), findings: [] }, { erase: "none" });
  await expect(flashModule(session, plan, deadline)).rejects.toBe(LOST);
});

describe("an erase that ends early", () => {
  const states = [
    ["the whole chip", "erase-chip", eraseChip],
    [
      "0x8000 to 0x8FFF",
      "erase",
      (rig, deadline, observer) => eraseRange(rig, { start: 0x8000, end: 0x9000 }, deadline, observer),
    ],
  ] as const satisfies readonly (readonly [string, string, typeof eraseChip])[];

  test.each(states)("%s: the module may hold anything there", async (what, stage, erase) => {
    const { rig, clock } = simBench();
    const abort = new AbortController();
    const deadline = Deadline.in(3_600_000, "the test", clock, abort.signal);
    let over = false;
    const see = (one: string) => {
      if (one === stage) over = true;
    };
    const bench = { ...rig, wire: breaking(rig.wire, () => over, LOST) };
    const state = `; the erase of ${what} was begun and is not proven: the module may hold anything there`;
    await expect(erase(bench, deadline, { stage: ({ stage }) => see(stage) })).rejects.toMatchObject({
      code: "PORT_LOST",
      message: `${LOST.message}${state}`,
      details: { flash: { erase: "begun" } },
    });
    over = false;
    const stop: Observer = { stage: (told) => told.stage === stage && abort.abort(STOPPED) };
    await expect(erase(bench, deadline, stop)).rejects.toMatchObject({
      code: "ABORTED",
      message: `${STOPPED.message}${state}`,
      advice: "Erase it again with the same arguments.",
    });
  });

  test("before it began nothing is said", async () => {
    const { rig, deadline } = simBench();
    await expect(eraseChip({ ...rig, wire: breaking(rig.wire, () => true, LOST) }, deadline)).rejects.toBe(LOST);
  });
});
