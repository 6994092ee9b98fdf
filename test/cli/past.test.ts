import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { Past, type PastArgs } from "../../harness/cli/run/past.js";
import { bookRun } from "../../harness/history/book.js";
import { loadRig } from "../../rigs/file/load.js";
import { plantRun, storyOfNight } from "../history/support.js";
import { fault } from "../reports/support.js";
import { type Scratch, scratch } from "../support/scratch.js";

const CASES = [{ name: "a" }];
const ONE = { name: "a", as: "a", scenario: "a", tags: [], needs: [], timeoutMs: 1, firmwares: [] };
const PLANNED = { cases: [ONE], refused: [], all: 1, plan: "p", firmwares: [] };

const past = (folder: Scratch, args: Partial<PastArgs> = {}) => {
  const shown = join("out", "now");
  const place = { wallTime: "2025-11-23T02:00:00.000Z", runId: "now", folder: folder.file(shown), shown };
  return Past.of({ rig: ["rigs/sim.yaml"], configs: [loadRig("sim", [])], ...args }, place, PLANNED);
};

const retire = (file: string) => {
  const stuck = { type: "rig.retired", rig: "sim", fault: fault("BOOT is stuck") } as const;
  return bookRun(file, storyOfNight(CASES, { facts: [stuck] }), { folder: "out/run-1", exitCode: 2 });
};

describe("before a run", () => {
  test("the way back of a retired rig names rig and history as the user has to", async () => {
    using folder = scratch();
    const advice = async (args?: Partial<PastArgs>) =>
      past(folder, args).then(
        () => "none",
        (error) => /`st67-hil (.*)`/.exec(error.advice)?.[1],
      );
    expect(await advice()).toBe("none");
    await retire(folder.file("out/history.sqlite"));
    const readmit = "rig readmit --rig rigs/sim.yaml --firmware DIR --history";
    expect(await advice()).toBe(`${readmit} ${folder.file("out/history.sqlite")}`);
    await retire(folder.file("other.sqlite"));
    expect(await advice({ history: folder.file("other.sqlite") })).toBe(`${readmit} ${folder.file("other.sqlite")}`);
  });

  test("a history is asked again once the rigs are ours: whoever was waited for may have retired one", async () => {
    using folder = scratch();
    const begun = await past(folder);
    await retire(folder.file("out/history.sqlite"));
    await expect(begun.refuseRetired()).rejects.toMatchObject({ code: "RIG_RETIRED" });
  });

  test("a baseline that is a folder needs no history; one that is an id needs a good one", async () => {
    using folder = scratch();
    const baseline = plantRun(folder.file("out"), "before", [{ name: "a", verdict: "failed" }]);
    writeFileSync(folder.file("out/history.sqlite"), "no database".repeat(99));
    const begun = await past(folder, { baseline });
    expect((await begun.compared(storyOfNight(CASES))).document).toMatchObject({
      comparison: { before: { runId: "before" }, changes: [{ case: "a", change: "fixed" }] },
    });
    await expect(past(folder, { baseline: "before" })).rejects.toMatchObject({ code: "HISTORY_UNUSABLE" });
  });

  test.each(["night-7 1/2", "whole", "out/whole"])(
    "a baseline by the id that the history shows: %s",
    async (baseline) => {
      using folder = scratch();
      const [file, booking] = [folder.file("out/history.sqlite"), { folder: "gone", exitCode: 0 }];
      for (const index of [1, 2])
        await bookRun(file, storyOfNight(CASES, { runId: "night-7", shard: { index, of: 2 } }), booking);
      await bookRun(file, storyOfNight(CASES, { runId: "whole" }), booking);
      const begun = await past(folder, { baseline });
      expect(begun.baseline?.runId).toBe(baseline.replace("out/", ""));
    },
  );

  test.each(["--junit", "journal"])("a history that is also the %s is refused", async (what) => {
    using folder = scratch();
    const history = folder.file(what === "--junit" ? "junit.xml" : "out/now/events.jsonl");
    await expect(past(folder, { history, junit: folder.file("junit.xml") })).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringContaining(`--history ${history}: is also`),
    });
  });
});
