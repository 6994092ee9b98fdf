import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { st67hil } from "../support/cli.js";
import { inProcess } from "../support/in-process.js";
import { scratch } from "../support/scratch.js";
import { SimProcess } from "../support/sim.js";

interface Document {
  readonly points: readonly { readonly result: string }[];
  readonly working: { readonly result: string } | null;
  readonly margins: Readonly<Record<string, unknown>> | null;
  readonly counts: { readonly passed: number };
}

test("a sweep is a run with a map: a document, a summary, an exit code", async () => {
  using folder = scratch();
  const knobs = ["--set", "sim.quirks.resetMinMs=0.3", "--set", "sim.quirks.bootHoldMs=2"];
  const { code, stdout } = await st67hil(["sweep", "--repeat", "2", "--out", "run", "--json", ...knobs], {
    cwd: folder.path,
  });
  const { points, working, margins, counts } = JSON.parse(stdout) as Document;
  expect({ code, passed: counts.passed, working: working?.result }).toEqual({
    code: 0,
    passed: 2 * points.length,
    working: "success",
  });
  expect(margins).toMatchObject({
    resetMs: { below: { succeeds: 0.5, fails: 0.2, result: "normal" } },
    holdMs: { below: { succeeds: 2, fails: 1, result: "reset" } },
  });
  expect(readFileSync(folder.file("run/summary.md"), "utf8")).toContain(
    "  resetMs  down to 0.5 (0.2: normal); up to 200",
  );
  const { code: again, stderr } = await st67hil(["run", "--resume", "run"], { cwd: folder.path });
  expect({ again, stderr }).toEqual({ again: 2, stderr: expect.stringContaining("that is no run of `st67-hil run`") });
});

test("over a real port and lines of its own, in real time: what was held is measured, and a firmware is not needed", async () => {
  using folder = scratch();
  await using _ = await SimProcess.start(folder, [
    "--set",
    "sim.quirks.resetMinMs=10",
    "--set",
    "sim.contents=factory",
  ]);
  const name = `sweep-over-pty-${process.pid}`;
  const straps = `straps: { driver: socket, path: ${folder.file("lines")} }`;
  const timing = "timing: { resetMs: 30, bootMs: 1200 }";
  writeFileSync(
    folder.file("rig.yaml"),
    `name: ${name}\n${straps}\nserial: { path: ${folder.file("port")} }\n${timing}\n`,
  );
  const args = ["sweep", "--rig", folder.file("rig.yaml"), "--axis", "resetMs=0.05", "--json"];
  const { code, stdout } = await st67hil(args, { cwd: folder.path });
  const { points } = JSON.parse(stdout) as { points: { held: { resetMs: { min: number } } }[] };
  expect(code).toBe(0);
  expect(points).toMatchObject([
    { asked: { resetMs: 0.05 }, result: "normal", observed: true },
    { asked: { resetMs: 30 }, result: "success" },
  ]);
  expect(points[0]?.held.resetMs.min).toBeGreaterThanOrEqual(0.05);
  expect(points[1]?.held.resetMs.min).toBeGreaterThanOrEqual(30);
});

test.each<[string, string[], string]>([
  ["an axis that there is not", ["--axis", "resetMS=1"], "did you mean resetMs?"],
  [
    "a rig whose lines nobody drives",
    ["--set", "straps.driver=none", "--set", "serial.driver=sim"],
    "LINES_NOT_DRIVEN",
  ],
  ["too many points", ["--axis", "resetMs=1..5:5", "--repeat", "9000"], "expected 10000 at most"],
  ["what belongs to run", ["--suite", "smoke"], "Unknown argument: suite"],
])("refused before anything is begun: %s", async (_, more, told) => {
  using folder = scratch();
  const { code, stdout, stderr } = await inProcess(["sweep", ...more], { cwd: folder.path });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(told);
});
