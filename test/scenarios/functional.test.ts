import { afterAll, expect, test } from "@jest/globals";
import type { SpiPort } from "../../harness/base/spi.js";
import { imageName } from "../../harness/firmware/names.js";
import type { Bench, Firmware } from "../../harness/run/scenario.js";
import atBasics from "../../scenarios/at-basics.js";
import ota from "../../scenarios/ota.js";
import readyTime from "../../scenarios/ready-time.js";
import resets from "../../scenarios/resets.js";
import sameIdentity from "../../scenarios/same-identity.js";
import spiFrames from "../../scenarios/spi-frames.js";
import { firmwareOf } from "../firmware/small-package.js";
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

type Row = [string, Record<string, unknown>, readonly [code: string, blame: string, message: string]];
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
      expect.stringContaining(message),
    ]);
  }
});

const known = firmwares.find(({ label }) => label === "t02@2.0.106") as Firmware;
const deaf = { ready: { read: async () => false } };

test("a wire of SPI that is off is found by the control experiment: the rig's fault, and no firmware's", async () => {
  for (const [, scenario] of [...ALL, ["ota", ota]] as const) {
    const [one] = await playOverSpi(scenario, { firmwares, only: T01, known, more: deaf });
    expect(one?.ended).toMatchObject({ verdict: "broken", fault: { code: "CONTROL_FAILED", blame: "rig" } });
    expect(one?.ended.fault?.message).toContain("SPI_RDY did not rise");
  }
});

test("a firmware that alone goes wrong stays the one that failed", async () => {
  const twist = (bench: Bench): Bench => ({
    ...bench,
    at: async (command) => (command === "AT+GMR" ? [] : bench.at(command)),
  });
  const [one] = await playOverSpi(atBasics, { firmwares, only: T01, known, twist });
  expect(one?.ended).toMatchObject({ verdict: "failed", fault: { code: "AT_MALFORMED", blame: "firmware" } });
  expect(one?.facts).toContainEqual(expect.objectContaining({ type: "control", ok: true }));
});

test("2.0.75, which bears no marker, passes as well", async () => {
  using old = new PackageWithUpdates();
  old.write(imageName("t01", "2.0.75"), firmwareOf("t01", "2.0.75"));
  for (const [, scenario] of ALL)
    for (const one of await playOverSpi(scenario, { firmwares: old.firmwares, only: "t01@2.0.75" }))
      expect([one.name, ...endOf(one)]).toEqual([one.name, "passed", ...NONE]);
});

test("a banner that does not come fails a rig that hears it, and no other", async () => {
  const sim = { appLog: false };
  for (const [bootProof, verdict] of [
    [["banner"], "failed"],
    [["at"], "passed"],
    [["none"], "passed"],
  ] as const)
    for (const scenario of [atBasics, sameIdentity]) {
      const [one] = await playOverSpi(scenario, { firmwares, only: T01, sim, more: { bootProof } });
      expect([bootProof, one?.ended.verdict]).toEqual([bootProof, verdict]);
    }
});

test.each<[string, number, string, string]>([
  ["that is open", 0, "SPI_NO_ANSWER", "rig"],
  ["that is shorted to the supply", 0xff, "SPI_NO_ANSWER", "rig"],
  ["that loses bits", 0x5a, "SPI_FRAME_INVALID", "link"],
])("MISO %s: broken, and held against no firmware", async (_, byte, code, blame) => {
  const spi: SpiPort = { select: async () => undefined, transfer: async (bytes: Uint8Array) => bytes.map(() => byte) };
  for (const [, scenario] of ALL) {
    const [one] = await playOverSpi(scenario, {
      firmwares,
      only: T01,
      known,
      more: { spi: spi as unknown as SpiPort },
    });
    expect(one?.ended).toMatchObject({ verdict: "broken", fault: { code, blame } });
  }
});
