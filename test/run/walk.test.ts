import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Edge, parts, walk } from "../../harness/run/lanes/walk.js";

const edge = (before: string, after: string): Edge => ({ before, after });
const told = (paths: readonly (readonly Edge[])[]) =>
  paths.map((path) => path.map(({ before, after }) => `${before}${after}`).join(" "));
const isUnbroken = (path: readonly Edge[]): boolean =>
  path.every(({ before }, index) => index === 0 || path[index - 1]?.after === before);

const places = [..."abcdef"];
const all = (count: number) =>
  places.slice(0, count).flatMap((before) => places.slice(0, count).map((after) => edge(before, after)));

test.each([1, 2, 3, 6])("%d images, each to every other and to itself: one circuit", (count) => {
  const paths = walk(all(count), "c");
  expect(paths).toHaveLength(1);
  const [path = []] = paths;
  expect(path).toHaveLength(count * count);
  expect(isUnbroken(path)).toBe(true);
  const start = count < 3 ? "a" : "c";
  expect([path[0]?.before, path.at(-1)?.after]).toEqual([start, start]);
});

test("what ends where it begins is taken where the walk comes by, in its order", () => {
  const loops = [edge("b", "b"), edge("a", "a"), edge("b", "b"), edge("z", "z")];
  expect(told(walk([...loops, edge("a", "b"), edge("b", "a")], "a"))).toEqual(["aa ab bb bb ba", "zz"]);
  expect(told(walk([edge("a", "a"), edge("b", "b")], "b"))).toEqual(["bb", "aa"]);
});

test("where there is no circuit, the fewest paths", () => {
  expect(told(walk([edge("a", "b"), edge("b", "c")]))).toEqual(["ab bc"]);
  expect(told(walk([edge("b", "c"), edge("a", "b")]))).toEqual(["ab bc"]);
  expect(told(walk([edge("a", "c"), edge("b", "c")]))).toEqual(["ac", "bc"]);
  expect(told(walk([edge("a", "c"), edge("b", "c")], "b"))).toEqual(["bc", "ac"]);
  expect(told(walk([edge("a", "b"), edge("b", "a"), edge("c", "d")], "c"))).toEqual(["cd", "ab ba"]);
  expect(walk([])).toEqual([]);
});

const graph = fc.array(fc.record({ before: fc.constantFrom(...places), after: fc.constantFrom(...places) }), {
  maxLength: 60,
});

test("any edges: each once, in unbroken paths, no more of them than there must be", () => {
  fc.assert(
    fc.property(graph, fc.option(fc.constantFrom(...places), { nil: undefined }), (edges, start) => {
      const paths = walk(edges, start);
      const inOrder = (list: readonly Edge[]) => told([list]).join("").split(" ").sort();
      expect(inOrder(paths.flat())).toEqual(inOrder(edges));
      expect(paths.flat()).toHaveLength(edges.length);
      expect(paths.every((path) => path.length > 0 && isUnbroken(path))).toBe(true);
      expect(paths).toHaveLength(fewest(edges));
    }),
  );
});

/** By Euler: of each part that hangs together as many as beginnings are too many, at least one. */
function fewest(edges: readonly Edge[]): number {
  const groups = new Map(places.map((place) => [place, place]));
  for (const { before, after } of edges) {
    const [to, from] = [groups.get(before) ?? "", groups.get(after) ?? ""];
    for (const [place, group] of groups) if (group === from) groups.set(place, to);
  }
  const parts = new Set(edges.map(({ before }) => groups.get(before)));
  let count = 0;
  for (const part of parts) {
    const inPart = places.filter((place) => groups.get(place) === part);
    const out = (place: string) => edges.filter(({ before }) => before === place).length;
    const into = (place: string) => edges.filter(({ after }) => after === place).length;
    count += Math.max(
      1,
      inPart.reduce((sum, place) => sum + Math.max(0, out(place) - into(place)), 0),
    );
  }
  return count;
}

test("parts of a walk: all of it, in its order, none much longer than another", () => {
  expect(parts([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([
    [1, 2],
    [3, 4, 5],
    [6, 7],
  ]);
  expect(parts([1, 2], 5)).toEqual([[1], [2]]);
  expect(parts([], 3)).toEqual([]);
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 50 }), (list, count) => {
      const cut = parts(list, count);
      expect(cut.flat()).toEqual(list);
      const sizes = cut.map(({ length }) => length);
      if (sizes.length > 0) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});
