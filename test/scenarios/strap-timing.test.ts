import { expect, test } from "@jest/globals";
import { FACTS } from "../../harness/base/fact-schema.js";
import type { StrapTiming } from "../../harness/base/strap-timing.js";
import { axesOf } from "../../harness/cli/options/axes.js";
import { pointsOf } from "../../harness/cli/sweep/points.js";
import type { Row } from "../../reports/row.js";
import { strapMapOf } from "../../reports/strap-map.js";
import strapTiming from "../../scenarios/strap-timing.js";
import { type Played, playScenario } from "../support/scenario-run.js";

const WORKING: StrapTiming = { resetMs: 100, setupMs: 100, holdMs: 100, delayMs: 100 };

const sweep = (sim: Record<string, unknown>, axes: string[] = []): Promise<Played[]> =>
  playScenario(strapTiming, { firmwares: [], sim, strapTimings: pointsOf(axesOf(axes), WORKING, 1, 1) });

const pointsIn = (played: readonly Played[]) =>
  played.flatMap(({ facts }) => facts.flatMap((fact) => (fact.type === "strap.point" ? [fact] : [])));
const mapIn = (played: readonly Played[]) => strapMapOf([{ straps: pointsIn(played) } as unknown as Row]);
const verdictsOf = (played: readonly Played[]) => [...new Set(played.map(({ ended }) => ended.verdict))];

test("the map finds what the module needs, whatever it came to at each point", async () => {
  const quirks = { resetMinMs: 0.3, bootSetupMs: 0.15, bootHoldMs: 2, romDeafMs: 30 };
  const played = await sweep({ quirks });
  expect(verdictsOf(played)).toEqual(["passed"]);
  expect(mapIn(played)?.margins).toMatchObject({
    resetMs: { below: { succeeds: 0.5, fails: 0.2, result: "normal" }, above: { fails: null } },
    setupMs: { below: { succeeds: 0.2, fails: 0.05, result: "reset" }, above: { fails: null } },
    holdMs: { below: { succeeds: 2, fails: 1, result: "reset" }, above: { fails: null } },
    delayMs: { below: { succeeds: 50, fails: 20, result: "reset" }, above: { fails: null } },
  });
});

test("names are the points', and facts as journals hold them", async () => {
  const played = await sweep({}, ["resetMs=0.5"]);
  expect(played.map(({ name }) => name).sort()).toEqual([
    "strap-timing reset=0.5 setup=100 hold=100 delay=100",
    "strap-timing reset=100 setup=100 hold=100 delay=100",
  ]);
  for (const { type, ...fact } of pointsIn(played)) expect(FACTS[type].safeParse(fact).success).toBe(true);
  const lines = played[0]?.facts.flatMap((fact) => (fact.type === "line" ? [fact.line] : []));
  expect(lines?.slice(-4)).toEqual(["boot", "chipEn", "chipEn", "boot"]);
});

test("without a sweep it is one case: the rig's own strap", async () => {
  const [only, ...others] = await playScenario(strapTiming, { firmwares: [] });
  expect([only?.name, only?.ended.verdict, others]).toEqual(["strap-timing", "passed", []]);
  expect(pointsIn(only === undefined ? [] : [only])).toMatchObject([{ working: true, asked: WORKING }]);
});

test("a rig whose own strap does not lead into the ROM: its wiring, and the point is told", async () => {
  const played = await sweep({ wiring: { boot: "open" } }, ["resetMs=100"]);
  expect(played).toMatchObject([{ ended: { verdict: "broken", fault: { code: "NOT_IN_ROM", blame: "rig" } } }]);
  expect(pointsIn(played)).toMatchObject([{ working: true, result: "reset" }]);
});

test("a blank module: the first point says why, and no other is tried", async () => {
  const played = await sweep({ contents: "blank" }, ["resetMs=1..5:5"]);
  expect(played.map(({ ended }) => ended.verdict)).toEqual(["broken", ...Array<string>(5).fill("skipped")]);
  expect(played[0]?.ended.fault).toMatchObject({ code: "ROM_UNASKED", blame: "rig" });
  expect(played[5]?.ended.reason).toContain("proves nothing");
  expect(pointsIn(played)).toEqual([]);
});

test("a boot that is not seen once, behind others that were, is that point's own trouble", async () => {
  const strapTimings = [WORKING, { ...WORKING, resetMs: 50 }, { ...WORKING, resetMs: 20 }];
  let cases = 0;
  const played = await playScenario(strapTiming, {
    firmwares: [],
    strapTimings,
    twist: (bench, module) => {
      if (++cases === 2) module.flash.fill(0xff);
      return bench;
    },
  });
  expect(played.map(({ ended }) => ended.verdict)).toEqual(["passed", "broken", "passed"]);
});
