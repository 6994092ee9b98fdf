import { afterAll, expect, test } from "@jest/globals";
import atBasics from "../../scenarios/at-basics.js";
import readyTime from "../../scenarios/ready-time.js";
import resets from "../../scenarios/resets.js";
import sameIdentity from "../../scenarios/same-identity.js";
import spiFrames from "../../scenarios/spi-frames.js";
import { PackageWithUpdates, playOverSpi } from "../support/over-spi.js";
import type { Played } from "../support/scenario-run.js";

const pkg = new PackageWithUpdates();
const { firmwares } = pkg;
afterAll(() => pkg[Symbol.dispose]());

const ALL: readonly [string, unknown][] = [
  ["at-basics", atBasics],
  ["same-identity", sameIdentity],
  ["ready-time", readyTime],
  ["spi-frames", spiFrames],
  ["resets", resets],
];

const endOf = ({ ended }: Played) => [ended.verdict, ended.fault?.code, ended.fault?.blame, ended.fault?.message];
const T01 = "t01@2.0.106";

const NONE = [undefined, undefined, undefined];

test.each(ALL)("%s passes on each mission of a module as it is believed to be", async (name, scenario) => {
  const played = await playOverSpi(scenario, { firmwares });
  const labels = ["t01@2.0.97", "t01@2.0.106", "t02@2.0.97", "t02@2.0.106"];
  expect(played.map((one) => [one.name, ...endOf(one)])).toEqual(
    labels.map((label) => [`${name} ${label}`, "passed", ...NONE]),
  );
});

test.each<[string, object]>([
  ["a line that glitches", { ready: "glitches" }],
  ["one that stalls at first", { stallFirst: 3 }],
  ["one that stalls now and then", { stallEvery: 5 }],
  ["short frames", { mtu: 512 }],
  ["answers in one frame", { answers: "one" }],
  ["an echo", { echo: true }],
  ["the board in its marker", { imageBoard: true, blankLines: false, partFirst: "index", partLength: "used" }],
])("%s: all of the suite pass", async (_, ncp) => {
  for (const [, scenario] of ALL)
    for (const one of await playOverSpi(scenario, { firmwares, only: T01, sim: { ncp } }))
      expect([one.name, ...endOf(one)]).toEqual([one.name, "passed", ...NONE]);
});

type Row = [string, Record<string, unknown>, readonly [code: string, blame: string, message: string | RegExp]];
test.each<Row>([
  ["another version", { ncp: { gmrVersion: "2.0.97" } }, ["EXPECTATION_FAILED", "module", "2.0.97"]],
  ["the mode of the other profile", { ncp: { netMode: 0 } }, ["EXPECTATION_FAILED", "module", "t02"]],
  ["SPI_RDY that never rises", { ncp: { ready: "never" } }, ["BOOT_NOT_READY", "firmware", "SPI_RDY did not rise"]],
  ["SPI_RDY that stays up", { ncp: { ready: "stuck" } }, ["NCP_STUCK", "module", "SPI_RDY did not fall"]],
  ["a factory firmware's transport", { ncp: { transport: "factory" } }, ["NCP_OUTDATED", "firmware", "factory"]],
])("%s: each of the suite fails, and names it", async (_, sim, [code, blame, message]) => {
  for (const [, scenario] of ALL) {
    const [one] = await playOverSpi(scenario, { firmwares, only: T01, sim });
    expect([one?.name, ...(one ? endOf(one) : [])]).toEqual([
      one?.name,
      "failed",
      code,
      blame,
      expect.stringContaining(message as string),
    ]);
  }
});
