import { writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import type { Fact } from "../../harness/base/events.js";
import { bookRun } from "../../harness/history/book.js";
import { SmallPackage } from "../firmware/small-package.js";
import { storyOfNight } from "../history/support.js";
import { st67hil } from "../support/cli.js";
import { type Scratch, scratch } from "../support/scratch.js";

const CHIP = "40827b037742";

/** A rig whose port is nowhere, and a history in which its module was erased 20 times. */
async function worn(folder: Scratch): Promise<string[]> {
  const rig = folder.file("bench-1.yaml");
  const erase: Fact = { type: "wear", case: "reflash", chip: CHIP, first: 0 };
  const night = [{ name: "reflash", rig: "bench-1", facts: Array.from({ length: 20 }, () => erase) }];
  const history = folder.file("history.sqlite");
  await bookRun(history, storyOfNight(night, { rigs: ["bench-1"] }), { folder: "out/run-1", exitCode: 0 });
  const serial = "serial: { path: /dev/no-such-port }";
  const module = `module: { chipId: ${CHIP} }\nwear: { eraseBudget: 50 }`;
  writeFileSync(rig, `name: bench-1\nstraps: { driver: manual }\n${serial}\n${module}\n`);
  return ["--rig", rig, "--history", history, "--out", folder.file("out")];
}

test("a soak over the budget is refused, and one within it is not", async () => {
  using folder = scratch();
  using pkg = new SmallPackage();
  const rig = await worn(folder);
  const soak = (...args: string[]) => st67hil(["stress", "reflash", ...rig, "--firmware", pkg.dir, ...args]);
  const over = await soak("--cycles", "31");
  expect(over.code).toBe(2);
  expect(over.stderr).toContain("error WEAR_BUDGET (config): bench-1: module 40827b037742 has taken 20 erases");
  const within = await soak("--cycles", "30");
  // The rig itself is none.
  expect({ code: within.code, worn: within.stderr.includes("WEAR_BUDGET") }).toEqual({ code: 2, worn: false });
  expect(within.stdout).toContain("30 cycles of reflash");
});

test("what erases nothing wears nothing", async () => {
  using folder = scratch();
  using pkg = new SmallPackage();
  const rig = await worn(folder);
  const soak = await st67hil(["stress", "identify", ...rig, "--firmware", pkg.dir, "--cycles", "1000"]);
  expect(soak.stderr).not.toContain("WEAR_BUDGET");
  expect(soak.stdout).toContain("1000 cycles of identify");
});
