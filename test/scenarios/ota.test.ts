import { afterAll, expect, test } from "@jest/globals";
import type { Rig } from "../../harness/base/wire.js";
import type { Scenario } from "../../harness/run/scenario.js";
import ota from "../../scenarios/ota.js";
import otaBrokenOff from "../../scenarios/ota-broken-off.js";
import otaOtherProfile from "../../scenarios/ota-other-profile.js";
import otaRefused from "../../scenarios/ota-refused.js";
import otaThenFlash from "../../scenarios/ota-then-flash.js";
import { PackageWithUpdates, playOverSpi } from "../support/over-spi.js";
import type { Played } from "../support/scenario-run.js";

const pkg = new PackageWithUpdates();
const { firmwares } = pkg;
afterAll(() => pkg[Symbol.dispose]());

const endOf = ({ ended }: Played) => [ended.verdict, ended.fault?.code, ended.fault?.blame, ended.fault?.message];
const NONE = [undefined, undefined, undefined];

test.each<[string, unknown, number]>([
  ["ota", ota, 8],
  ["ota-other-profile", otaOtherProfile, 4],
  ["ota-refused", otaRefused, 16],
  ["ota-then-flash", otaThenFlash, 2],
  ["ota-broken-off", otaBrokenOff, 192],
])("%s passes on the module as it is believed to be", async (_, scenario, cases) => {
  const played = await playOverSpi(scenario, { firmwares });
  expect(played.map((one) => [one.name, ...endOf(one)])).toEqual(played.map(({ name }) => [name, "passed", ...NONE]));
  expect(played).toHaveLength(cases);
  // A firmware that is flashed file by file would boot another one under the table of an update.
  for (const { name, module } of played)
    expect([name, module.flash.subarray(0xf000, 0x10000).every((byte) => byte === 0xff)]).toEqual([name, true]);
  const names = played.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

type Ends = readonly [code: string, blame: string, message: string];
type Row = [what: string, scenario: unknown, only: string, sim: Record<string, unknown>, ends: Ends];
const taken: Ends = ["EXPECTATION_FAILED", "module", "expected OTA_REFUSED, and nothing was refused"];
const dead: Ends = ["BOOT_NOT_READY", "firmware", "SPI_RDY did not rise"];
const unchecked = (check: string) => ({ ncp: { otaChecks: { [check]: false } } });
test.each<Row>([
  [
    "an update that claims success",
    ota,
    "",
    { ncp: { otaFlips: false } },
    ["OTA_NOT_APPLIED", "firmware", "version: expected"],
  ],
  [
    "a second table that nobody reads",
    ota,
    "",
    { quirks: { secondTable: false } },
    ["OTA_NOT_APPLIED", "firmware", "version: expected"],
  ],
  ["boot2 that expands nothing", ota, "xz", { ncp: { xzSlot: "none" } }, dead],
  [
    "cells that do not take it, which are read back",
    ota,
    "raw",
    { quirks: { deadSectors: [0x1c5000] } },
    ["OTA_REFUSED", "firmware", "at byte"],
  ],
  [
    "cells that do not take it, and nobody looks",
    ota,
    "raw",
    { quirks: { deadSectors: [0x1c5000] }, ...unchecked("readBack") },
    dead,
  ],
  ["no look at the magic", otaRefused, "wrong magic", unchecked("magic"), taken],
  ["no look at the kind", otaRefused, "wrong kind", unchecked("kind"), taken],
  ["no look at the hardware", otaRefused, "wrong hardware", unchecked("hardware"), taken],
  ["no look at the slot's size", otaRefused, "oversize", unchecked("fit"), taken],
  ["no look at the length", otaRefused, "wrong length", unchecked("size"), dead],
  ["no look at the hash", otaRefused, "bad hash", unchecked("hash"), taken],
  ["no look at the hash of a bad payload", otaRefused, "bad payload", unchecked("hash"), dead],
])("%s: each such case fails, and names it", async (_, scenario, only, sim, [code, blame, message]) => {
  const played = await playOverSpi(scenario, { firmwares, only, sim });
  expect(played.map((one) => [one.name, ...endOf(one)])).toEqual(
    played.map(({ name }) => [name, "failed", code, blame, expect.stringContaining(message)]),
  );
  expect(played.length).toBeGreaterThan(0);
});

test("a module that takes no update at all has not refused the wrong ones", async () => {
  const played = await playOverSpi(otaRefused, {
    firmwares,
    only: "t01",
    sim: {},
    twist: (bench) => ({
      ...bench,
      offerUpdate: ({ name }) => bench.offerUpdate({ name, bytes: new Uint8Array(1024) }),
    }),
  });
  const behind = ["truncated", "wrong length", "bad hash", "bad payload"];
  for (const one of played)
    expect([one.name, one.ended.verdict]).toEqual([
      one.name,
      behind.some((what) => one.name.endsWith(what)) ? "failed" : "passed",
    ]);
});

test("a power cut while boot2 expands over the firmware that ran leaves nothing that boots: named", async () => {
  const played = await playOverSpi(otaBrokenOff, {
    firmwares,
    only: "t01@2.0.106 xz power end",
    sim: { ncp: { xzSlot: "same" } },
  });
  const failed = played.filter(({ ended }) => ended.verdict !== "passed");
  expect(failed.map((one) => [...endOf(one)])).toEqual(
    failed.map(() => ["failed", "BOOT_NOT_READY", "firmware", expect.stringContaining("SPI_RDY did not rise")]),
  );
  expect(failed.length).toBeGreaterThan(0);
});

test("a module that looks at the profile, and one that does not: both are recorded", async () => {
  for (const [profile, told] of [
    [true, "recorded: OTA_REFUSED"],
    [false, "recorded: the module takes t02@2.0.106, and runs t02@2.0.106"],
  ] as const) {
    const [one] = await playOverSpi(otaOtherProfile, {
      firmwares,
      only: "t01@2.0.106 -> t02@2.0.106 sent",
      sim: { ncp: { otaChecks: { profile } } },
    });
    expect(one?.ended.verdict).toBe("passed");
    expect(one?.facts).toContainEqual(
      expect.objectContaining({ type: "note", message: expect.stringContaining(told) }),
    );
  }
});

test.each<[string, Record<string, unknown>, Rig["bootProof"]]>([
  ["hears no banner", { appLog: false }, ["ready"]],
  ["asks AT alone", { appLog: false }, ["at"]],
  ["hears and asks", {}, ["banner", "ready", "at"]],
  ["sees nothing of a boot", {}, ["none"]],
])("a rig that %s judges the updates all the same", async (_, sim, bootProof) => {
  for (const scenario of [ota, otaThenFlash])
    for (const one of await playOverSpi(scenario, { firmwares, only: "t01@2.0.97 -> ", sim, more: { bootProof } }))
      expect([one.name, ...endOf(one)]).toEqual([one.name, "passed", ...NONE]);
});

test("names of cases are ASCII, and hold no durations", async () => {
  for (const scenario of [ota, otaBrokenOff, otaOtherProfile, otaRefused, otaThenFlash])
    for (const { label } of (scenario as Scenario).parameters?.({ firmwares }) ?? [])
      expect(label).toMatch(/^(?!.*\d *m?s\b)[ -~]+$/);
});
