import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { cut } from "../../harness/farm/cut.js";
import { needsQueue, rigQueue } from "../../harness/farm/keys.js";
import { scenariosHash } from "../../harness/farm/scenarios-hash.js";
import { scratch } from "../support/scratch.js";
import { caseOf } from "./told.js";

const edge = (before: string, after: string) =>
  caseOf(`${before} -> ${after}`, { before, after, firmwares: [after], needs: ["lines"] });

test("a case is a job, and a walk is one or parts of one, each in its order", () => {
  const cases = [caseOf("alone"), edge("t01@1", "t02@1"), edge("t02@1", "t01@2"), edge("t01@2", "t01@1")];
  const whole = cut([cases], { rigs: 1, named: [], synthetic: false });
  expect(whole.map((job) => job.cases.map(({ as }) => as))).toEqual([
    ["alone"],
    ["t01@1 -> t02@1", "t02@1 -> t01@2", "t01@2 -> t01@1"],
  ]);
  const parts = cut([cases], { rigs: 2, named: [], synthetic: false });
  expect(parts.flatMap((job) => job.cases)).toEqual(whole.flatMap((job) => job.cases));
  expect(parts).toHaveLength(3);
});

test("a job needs what any of its cases needs, and rigs that may have each profile", () => {
  const [job] = cut([[edge("t01@1", "t02@1")]], { rigs: 1, named: [], synthetic: false });
  expect(job?.needs).toEqual(["lines", "profile:t01", "profile:t02"]);
  expect(cut([[caseOf("a")]], { rigs: 1, named: [], synthetic: true })[0]?.needs).toEqual(["sim"]);
});

test("rigs that were named get jobs in turn, and nobody else does", () => {
  const named = [{ rig: "x" }, { rig: "y" }];
  const jobs = cut([[caseOf("a"), caseOf("b"), caseOf("c")]], { rigs: 2, named, synthetic: false });
  expect(jobs.map(({ rig }) => rig)).toEqual(["x", "y", "x"]);
  expect(jobs.map(({ among }) => among)).toEqual(Array(3).fill(["x", "y"]));
});

test("of rigs that were named each gets what it can do, and one that nobody knows anything", () => {
  const spi = (name: string) => caseOf(name, { needs: ["spi"] });
  const named = [{ rig: "x", has: ["lines"] }, { rig: "y", has: ["lines", "spi"] }, { rig: "away" }];
  const rigsOf = (...cases: Parameters<typeof cut>[0][number]) =>
    cut([cases], { rigs: 3, named, synthetic: false }).map(({ rig }) => rig);
  expect(rigsOf(spi("a"), spi("b"), spi("c"), caseOf("d"))).toEqual(["y", "away", "y", "x"]);
  expect(cut([[spi("a")]], { rigs: 1, named: named.slice(0, 1), synthetic: false })[0]?.rig).toBe("x");
});

test("what tells most comes first: a walk of the first group before what stands alone in the second", () => {
  const groups = [[edge("t01@1", "t02@1")], [caseOf("alone"), edge("t02@1", "t01@1")]];
  const jobs = cut(groups, { rigs: 2, named: [], synthetic: false });
  expect(jobs.map((job) => job.cases.map(({ as }) => as))).toEqual([["t01@1 -> t02@1"], ["alone"], ["t02@1 -> t01@1"]]);
});

test("however many cases and rigs: each case is in one job", () => {
  const labels = fc.constantFrom("t01@1", "t02@1", "t01@2");
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(labels, labels), { selector: String }), fc.nat(5), (pairs, rigs) => {
      const cases = pairs.map(([before, after]) => edge(before, after));
      const jobs = cut([cases], { rigs, named: [], synthetic: false });
      expect(jobs.flatMap((job) => job.cases.map(({ as }) => as)).sort()).toEqual(cases.map(({ as }) => as).sort());
      expect(jobs.map(({ id }) => id)).toEqual(jobs.map((_, index) => index));
    }),
  );
});

test("a queue is named by its needs in any order, and no name leads into another key", () => {
  expect(needsQueue(["spi", "lines", "spi"])).toBe(needsQueue(["lines", "spi"]));
  expect(needsQueue(["a:b"])).not.toContain(":");
  expect(rigQueue("x:y")).not.toContain(":");
  expect(needsQueue(["a+b"])).not.toBe(needsQueue(["a", "b"]));
});

test("scenario files are told by what is in them, not by their names", () => {
  using folder = scratch();
  const write = (name: string, text: string) => {
    writeFileSync(folder.file(name), text);
    return folder.file(name);
  };
  const [a, b, c] = [write("a.ts", "one"), write("b.ts", "two"), write("c.ts", "one")];
  expect(scenariosHash([a, b])).toBe(scenariosHash([b, c]));
  expect(scenariosHash([a])).not.toBe(scenariosHash([a, c]));
  expect(scenariosHash([])).toBe("shipped");
  expect(() => scenariosHash([folder.file("none.ts")])).toThrow(expect.objectContaining({ code: "FILE_UNREADABLE" }));
});

test("what scenario files import by relative names tells them apart, whatever leads to it, and what packages hold does not", () => {
  using folder = scratch();
  const tree = (name: string, texts: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(texts)) {
      mkdirSync(dirname(folder.file(`${name}/${path}`)), { recursive: true });
      writeFileSync(folder.file(`${name}/${path}`), text);
    }
    return scenariosHash([folder.file(`${name}/a.ts`)]);
  };
  const files = {
    "a.ts": 'import { scenario } from "st67-hil"; import { b } from "./lib/b.js"; import c from "./c.json";',
    "lib/b.ts": 'import "../a.js"; export const b = () => import("./d"); import "other";',
    "lib/d.ts": "export const d = 1;",
    "c.json": "1",
    "lib/e.ts": "nobody imports it",
    "node_modules/other/index.js": "1",
  };
  const hash = tree("one", files);
  expect(tree("two", { ...files, "lib/e.ts": "", "node_modules/other/index.js": "2" })).toBe(hash);
  const changed = Object.keys(files)
    .slice(0, 4)
    .map((path) => tree(path, { ...files, [path]: `${files[path as "a.ts"]} ` }));
  const swapped = tree("swapped", { ...files, "c.json": files["lib/d.ts"], "lib/d.ts": files["c.json"] });
  expect(new Set([hash, ...changed, swapped]).size).toBe(6);
});
