import { expect, test } from "@jest/globals";
import type { Chosen } from "../../harness/run/lanes/choose.js";
import type { Crew } from "../../harness/run/lanes/crew.js";
import { Paths } from "../../harness/run/lanes/paths.js";
import { Tries } from "../../harness/run/lanes/tries.js";

/** A path is chosen by who a lane is: nothing else of it is asked. */
const [LEFT, RIGHT] = ["left", "right"].map((name) => ({ rig: { name, has: [] } }) as unknown as Crew) as [Crew, Crew];

const edges = (names: string): Tries[] =>
  [...names].map((as) => new Tries({ as, name: as, scenario: "edge", timeoutMs: 1 } as Chosen, 0));
const any = () => true;

const next = (paths: Paths, crew: Crew, mayTake: (edge: Tries, by: Crew) => boolean = any): string => {
  const edge = paths.next(crew, mayTake);
  if (edge !== undefined) paths.take(crew, edge);
  return edge?.one.as ?? "";
};
const left = (paths: Paths): string =>
  paths
    .left()
    .map(({ one }) => one.as)
    .join("");

test("each lane goes along a part of the walk", () => {
  const paths = new Paths([edges("abcdef")], [LEFT, RIGHT], any);
  expect([LEFT, RIGHT, RIGHT, LEFT, LEFT, RIGHT].map((crew) => next(paths, crew)).join("")).toBe("adebcf");
  expect(next(paths, LEFT)).toBe("");
});

test("a lane that has come to its end takes the second half of what another has left, and never its last", () => {
  const paths = new Paths([edges("abcdefgh")], [LEFT, RIGHT], any);
  expect(next(paths, LEFT)).toBe("a");
  expect([..."efgh"].map(() => next(paths, RIGHT)).join("")).toBe("efgh");
  expect(next(paths, RIGHT)).toBe("d");
  expect(next(paths, RIGHT)).toBe("c");
  expect([next(paths, RIGHT), left(paths)]).toEqual(["", "b"]);
  expect(next(paths, LEFT)).toBe("b");
});

test("the path of a lane that works no more is anybody's", () => {
  let isGone = false;
  const paths = new Paths([edges("abcd")], [LEFT, RIGHT], (crew) => crew !== LEFT || !isGone);
  expect([next(paths, LEFT), next(paths, RIGHT), next(paths, RIGHT)].join("")).toBe("acd");
  isGone = true;
  expect([next(paths, RIGHT), next(paths, RIGHT)]).toEqual(["b", ""]);
});

test("what its owner may not take, another one does", () => {
  const paths = new Paths([edges("ab")], [LEFT, RIGHT], any);
  const mayTake = (edge: Tries, by: Crew) => edge.one.as !== "x" || by === RIGHT;
  const both = new Paths([edges("ax")], [LEFT], any);
  expect([next(both, LEFT, mayTake), next(both, LEFT, mayTake), left(both)]).toEqual(["a", "", "x"]);
  expect(next(both, RIGHT, mayTake)).toBe("x");
  expect(left(paths)).toBe("ab");
});

test("lanes share one walk before any of them goes on to the next", () => {
  const paths = new Paths([edges("abcd"), edges("xy")], [LEFT, RIGHT], any);
  expect([LEFT, RIGHT, LEFT, RIGHT, LEFT, RIGHT].map((crew) => next(paths, crew)).join("")).toBe("acbdxy");
});
