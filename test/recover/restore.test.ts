import { expect, test } from "@jest/globals";
import { planOf } from "../../harness/flash/plan.js";
import { programReference, restoreReference } from "../../harness/recover/reference.js";
import { simBench } from "../support/bench.js";
import { syntheticSet } from "../support/package.js";

/** As the reference at the end of a night is put back. */
async function restored(
  { rig, deadline }: ReturnType<typeof simBench>,
  profile: "t01" | "t02" | "mfg",
  work = restoreReference,
) {
  const reference = { plan: planOf(syntheticSet(profile)), expected: { profile, version: "2.0.106" } as const };
  const stages: string[] = [];
  const notes: string[] = [];
  const observer = {
    stage: ({ stage }: { stage: string }) => void stages.push(stage),
    note: (n: string) => void notes.push(n),
  };
  await work(rig, reference, deadline, observer);
  return { stages, notes };
}

const isWork = (stage: string) => /^(erase|write|boot$)/.test(stage);

test("what is there is left as it is, and must boot; another life beyond it is erased, whatever erases the plan has", async () => {
  const bench = simBench();
  await restored(bench, "mfg", programReference);
  const wanted = bench.module.flash.slice();
  bench.module.flash.fill(0x42, 0x3f0000, 0x3f0100);
  const { stages, notes } = await restored(bench, "mfg");
  expect(stages.filter(isWork)).toEqual(["erase", "boot"]);
  expect(notes).toEqual([]);
  expect(Buffer.compare(bench.module.flash, wanted)).toBe(0);
  expect((await restored(bench, "mfg")).stages.filter(isWork)).toEqual(["boot"]);
});

test("another firmware, over which it costs more, and a module that only a chip erase cures: the whole flash anew", async () => {
  const bench = simBench({ quirks: { t01Reflash: true } });
  expect((await restored(bench, "t01")).stages.filter(isWork)).toContain("erase-chip");
  const { stages, notes } = await restored(bench, "t02");
  expect(stages.filter(isWork)).toEqual([
    ...["erase-chip", "erase-chip"],
    ...["boot2", "partition", "FW", "littlefs"].map((file) => `write ${file}`),
    "boot",
  ]);
  expect(notes).toContainEqual(expect.stringMatching(/; the whole flash is programmed anew$/));
});

test("what the module does not take is refused before anything of its flash is lost", async () => {
  const bench = simBench({ locked: false });
  const before = bench.module.flash.slice();
  await expect(restored(bench, "t01")).rejects.toMatchObject({ code: "MODULE_UNLOCKED" });
  expect(Buffer.compare(bench.module.flash, before)).toBe(0);
});
