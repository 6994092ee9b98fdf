import { beforeAll, expect, test } from "@jest/globals";
import { HarnessError } from "../../harness/base/errors.js";
import { Deadline } from "../../harness/base/time.js";
import type { Rig, Straps } from "../../harness/base/wire.js";
import { CAUSES, type Cause } from "../../harness/brick/causes.js";
import { interrupt } from "../../harness/brick/interrupt.js";
import { tellLeft } from "../../harness/brick/left.js";
import { type Moment, momentsOf, tellMoment } from "../../harness/brick/moments.js";
import { SILENT } from "../../harness/session/stage.js";
import { simBench } from "../support/bench.js";
import { play, targetOf } from "./support.js";

const mfg = targetOf("mfg");
const t01 = targetOf("t01");
const mfgRig = simBench().rig;
const t01Rig = simBench().rig;

beforeAll(async () => {
  await play(t01Rig, t01, { moment: { stage: "boot" }, cause: "chip-en" });
});

/** The lowest rung that can help; 0: none is needed. */
function rungOf(moment: Moment, cause: Cause): number {
  // A new host straps the module, as any host does; and so does the vendor's handshake by itself, three times.
  if (cause === "host" || moment.stage === "handshake") return 0;
  // Nothing is heard before the next reset.
  if (cause === "silence") return 3;
  // It boots once more, or one line of its banner is damaged.
  if (moment.stage === "boot") return 0;
  // The write check has no payload: what is flipped is its length, and the ROM waits for bytes that never come.
  if (cause === "flip") return moment.stage === "write-check" ? 2 : 1;
  // An erase that nobody answers ends with a question and a burst, which opens a session in a module that came up in its ROM.
  // Without a whole boot2 the module comes up in its ROM; with one it boots that.
  if (moment.stage === "erase") return 1;
  const lacksBoot2 = moment.stage === "write" && moment.file === "boot2";
  return lacksBoot2 ? 2 : 3;
}

const everything = momentsOf(mfg.plan).flatMap((moment) =>
  CAUSES.map((cause) => [`${tellMoment(moment)} by ${cause}`, { moment, cause }] as const),
);

test.each(everything)("mfg: %s: back by the lowest rung that can help", async (name, { moment, cause }) => {
  const { interrupted, back } = await play(mfgRig, mfg, { moment, cause });
  const rung = rungOf(moment, cause);
  expect(interrupted.by).toBe(name);
  expect(back).toMatchObject({ rung, state: rung === 0 ? "ok" : rung < 3 ? "ok after retry" : "recovered" });
});

test.each([
  ["erase", "power", 1, "boot2 blank, partition blank, FW blank, littlefs whole"],
  ["erase", "flip", 1, "boot2 whole, partition whole, FW whole, littlefs whole"],
  ["boot2 50", "power", 2, "boot2 24576 of 52544 bytes, blank behind them, partition blank, FW blank, littlefs blank"],
  ["FW 50", "host", 0, "FW 745472 of 1489024 bytes, blank behind them, littlefs blank"],
  ["FW 90", "chip-en", 3, "FW 1335296 of 1489024 bytes, blank behind them, littlefs blank"],
  ["littlefs 90", "silence", 3, "FW whole, littlefs 81920 of 446464 bytes, blank behind them"],
  ["hash", "silence", 3, "boot2 whole, partition blank, FW blank, littlefs blank"],
] as const)("T01, that erases the whole chip: %s by %s: rung %i, and what is left", async (at, cause, rung, left) => {
  const [file = "", percent] = at.split(" ");
  const moment = (percent === undefined ? { stage: at } : { stage: "write", file, percent: Number(percent) }) as Moment;
  const { back } = await play(t01Rig, t01, { moment, cause });
  expect(back.rung).toBe(rung);
  expect(tellLeft(back.left)).toContain(left);
});

const half = { stage: "write", file: "FW", percent: 50 } as const;

test.each([
  [undefined, "write firmware 50.25%", 745_472],
  [2.1, "write firmware 50.25%, 2.1 ms at work", 746_203],
  [30, "write firmware 50.25%, 30 ms at work", 749_568],
])(
  "power that goes once a command of a write has left, %s ms later: what was programmed by then",
  async (lateMs, told, right) => {
    const moment = { ...half, percent: 50.25, ...(lateMs !== undefined && { lateMs }) };
    const { interrupted, back } = await play(t01Rig, t01, { moment, cause: "power" });
    expect([interrupted.by, back.rung]).toEqual([`${told} by power`, 3]);
    expect(back.left.find(({ file }) => file === "FW")?.rightBytes).toBe(right);
  },
);

test.each([
  ["within the session's time", half, 15_000, "survived", 0],
  ["within it, before the hash", { stage: "hash" }, 15_000, "survived", 0],
  ["beyond it", half, 45_000, "COMMAND_TIMEOUT", 2],
  ["beyond it, before the hash", { stage: "hash" }, 45_000, "COMMAND_TIMEOUT", 2],
] as const)("a host that is idle %s", async (_, moment, idleMs, ended, rung) => {
  const { interrupted, back } = await play(mfgRig, mfg, { moment, idleMs });
  expect(interrupted.by).toBe(`${tellMoment(moment)} by a host that is idle for ${idleMs / 1000} s`);
  expect(interrupted.ended).toEqual(ended === "survived" ? ended : expect.objectContaining({ code: ended }));
  expect(back.rung).toBe(rung);
});

test("a rig that searches for its rate: the attempt takes one that every adapter carries", async () => {
  const { rig } = simBench({}, { loadBaud: "auto" });
  const { back } = await play(rig, mfg, { moment: { stage: "write", file: "FW", percent: 10 }, cause: "chip-en" });
  expect(back.rung).toBe(3);
});

test("a rig that observes no boot is booted all the same", async () => {
  const { rig } = simBench({}, { bootProof: ["none"] });
  const { interrupted } = await play(rig, mfg, { moment: { stage: "boot" }, cause: "host" });
  expect(interrupted.ended).toBe("host died");
});

test.each([
  ["of a file that the plan has not", { stage: "write", file: "littlefs", percent: 50 }],
  ["behind the end of a file", { stage: "write", file: "partition", percent: Number.NaN }],
])("a moment %s never comes: that is nobody's but ours", async (_, moment) => {
  const ended = play(mfgRig, mfg, { moment: moment as Moment, cause: "power" });
  await expect(ended).rejects.toMatchObject({ code: "MOMENT_MISSED", blame: "harness" });
});

test("a fault that is ordered and never comes", async () => {
  const faults = [{ at: { stage: "program", nth: 100_000 }, do: "cutPower" }];
  await expect(play(mfgRig, mfg, { faults })).rejects.toMatchObject({ code: "MOMENT_MISSED", blame: "harness" });
});

test("what ends the attempt before its moment is told as itself", async () => {
  const { rig } = simBench({ quirks: { flashFails: true } });
  const moment = { stage: "write", file: "FW", percent: 10 } as const;
  await expect(play(rig, mfg, { moment, cause: "power" })).rejects.toMatchObject({ code: "COMMAND_REFUSED" });
});

test.each([
  ["the operator", "ABORTED", 3_600_000],
  ["the case's time", "CASE_TIMEOUT", 20_000],
])("%s ends it all, also after the moment: %s", async (_, code, ms) => {
  const { rig, clock } = simBench();
  const abort = new AbortController();
  const deadline = Deadline.in(ms, "the case", clock, abort.signal, "CASE_TIMEOUT");
  void clock
    .sleep(10_000)
    .then(() => abort.signal.aborted || code !== "ABORTED" || abort.abort(new HarnessError("ABORTED", "stop")));
  // An erase whose answer is lost is waited for 100 s.
  const ended = interrupt(rig, mfg, { moment: { stage: "erase" }, cause: "silence" }, deadline, SILENT);
  await expect(ended).rejects.toMatchObject({ code });
});

test.each(["lines", "power"])("a rig without %s is told so, and the module does not come to harm", async (what) => {
  const without: Partial<Rig> = what === "power" ? { switchesPower: false } : { straps: undefined };
  const { rig, module } = simBench({}, without);
  if (what === "lines") module.pins.set("boot", true);
  if (what === "lines") module.pins.set("chipEn", true);
  const ended = play(rig, mfg, { moment: { stage: "set-para" }, cause: what === "power" ? "power" : "chip-en" });
  await expect(ended).rejects.toMatchObject({ code: "LINES_NOT_DRIVEN", blame: "rig" });
});

test.each(["chip-en", "power"] as const)(
  "%s that goes during the handshake comes back with BOOT released",
  async (cause) => {
    const { rig, deadline } = simBench();
    let boot = false;
    const rises: boolean[] = [];
    const straps: Straps = {
      async set(line, asserted, deadline) {
        await rig.straps?.set(line, asserted, deadline);
        if (line === "boot") boot = asserted;
        if (line === "chipEn" && asserted) rises.push(boot);
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
    const timing = { ...rig.timing, resetMs: 20, powerOffMs: 40 };
    await interrupt({ ...rig, straps, timing }, mfg, { moment: { stage: "handshake" }, cause }, deadline, SILENT);
    expect(rises.slice(0, 2)).toEqual([true, false]);
  },
);
