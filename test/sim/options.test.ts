import { expect, test } from "@jest/globals";
import { SimOptions } from "../../harness/sim/options.js";

test("an empty section is the default module", () => {
  expect(SimOptions.parse({})).toEqual({
    contents: "factory",
    chipId: "40827b037742",
    jedec: "c46016",
    locked: true,
    keyHash: "auto",
    flash: { pageMs: 0.7, sectorEraseMs: 8, chipEraseMs: 6.3, shaBytesPerSec: 1_200_000, jitter: 0 },
    wiring: { boot: "ok", chipEn: "ok", txRx: "ok" },
    link: { maxBaud: 3_000_000 },
    appLog: true,
    quirks: {
      romVersion: 2,
      lacks: [],
      unknownOpcode: "silent",
      bootInfoChecksum: true,
      payloadLimit: 4604,
      idleMs: 2000,
      firstIdleEnds: false,
      settleMs: 1,
      strictAutoBaud: true,
      doubleOk: false,
      pendingPerErase: 0,
      ackBeforeProgramming: false,
      knownFlash: false,
      hashNeedsMapping: true,
      lockedMemory: false,
      macReversed: false,
      flashFails: false,
      stuckBits: [],
      deadSectors: [],
      t01Reflash: false,
      boot2Isp: true,
      secondTable: true,
      defaultFirmware: true,
      applicationIsp: false,
      bannerMs: 300,
      rateSettleMs: 0,
      readyMs: 640,
      resetMinMs: 0,
      bootSetupMs: 0,
      bootHoldMs: 0,
      romDeafMs: 0,
    },
    faults: [],
  });
});

test.each([
  { chipid: "40827b037742" },
  { chipId: "40827b0377" },
  { chipId: 408_270 },
  { jedec: "c4601" },
  { keyHash: "00" },
  { flash: { pageMs: -1 } },
  { flash: { jitter: 2 } },
  { wiring: { boot: "swapped" } },
  { link: { maxBaud: 0 } },
  { quirks: { t01reflash: true } },
  { quirks: { t01Reflash: 1 } },
  { quirks: { romVersion: 0 } },
  { quirks: { lacks: [256] } },
  { quirks: { lacks: 0x23 } },
  { quirks: { unknownOpcode: "FL" } },
  { quirks: { payloadLimit: 65_536 } },
  { quirks: { payloadLimit: 255 } },
  { quirks: { idleMs: 0 } },
  { quirks: { stuckBits: [{ address: 0, bit: 8, value: 0 }] } },
  { quirks: { deadSectors: [-1] } },
  { faults: {} },
])("refused: %j", (section) => {
  expect(SimOptions.safeParse(section).success).toBe(false);
});

test("hex digits in any case", () => {
  expect(SimOptions.parse({ chipId: "40827B037742" }).chipId).toBe("40827b037742");
});
