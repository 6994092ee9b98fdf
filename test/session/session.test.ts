import { expect, test } from "@jest/globals";
import type { Straps } from "../../harness/base/wire.js";
import { openModule } from "../../harness/recover/open.js";
import { enterRom } from "../../harness/session/handshake.js";
import type { Stage } from "../../harness/session/stage.js";
import { simBench } from "../support/bench.js";
import { tapped } from "../support/tap.js";

test("the strap sequence is the vendor's, with its times", async () => {
  const { rig, clock, deadline } = simBench();
  const moves: [number, string, boolean][] = [];
  const straps: Straps = {
    set: (line, asserted, within) => {
      moves.push([clock.now(), line, asserted]);
      return rig.straps?.set(line, asserted, within) ?? Promise.resolve();
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  await enterRom({ ...rig, straps }, deadline);
  expect(moves).toEqual([
    [0, "boot", true],
    [0, "chipEn", false],
    [100, "chipEn", true],
    [200, "boot", false],
  ]);
});

test("up to the first operation, these bytes and no others", async () => {
  const { rig, deadline } = simBench();
  const { wire, sent } = tapped(rig.wire);
  const { info, jedec } = await openModule({ ...rig, wire }, deadline);
  expect(info).toMatchObject({ chipId: "40827b037742", signRequired: true, flashPin: 8 });
  expect(jedec).toEqual({ id: "c46016", flashBytes: 4 * 1024 * 1024, known: false });
  expect(sent).toEqual([
    "55".repeat(300), // 6 ms at 500 000 Bd
    "10000000",
    "2300040010270000",
    "222b08000100000080841e00",
    "2000000 Bd",
    "10000000", // whether the ROM hears at the new rate, in place of the vendor's 110 ms
    "3b4f040008410101",
    "36000000",
  ]);
});

test("stages are told with their durations on the rig's clock", async () => {
  const { rig, clock, deadline } = simBench();
  const stages: Stage[] = [];
  const timing = { ...rig.timing, greetMs: undefined };
  await openModule({ ...rig, timing }, deadline, { stage: (stage) => stages.push(stage) });
  expect(stages.map(({ stage }) => stage)).toEqual(["enter-rom", "boot-info", "clock-set", "set-para"]);
  expect(stages.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(clock.now(), 6);
});

test.each([
  ["BOOT open", { wiring: { boot: "open" } }],
  ["CHIP_EN open", { wiring: { chipEn: "open" } }],
  ["TX and RX open", { wiring: { txRx: "open" } }],
])("%s: the rig's fault, and the advice names the lines", async (_, options) => {
  const { rig, deadline, module } = simBench(options);
  const before = Buffer.from(module.flash);
  await expect(openModule(rig, deadline)).rejects.toMatchObject({
    code: "NOT_IN_ROM",
    blame: "rig",
    advice: expect.stringMatching(/BOOT.*CHIP_EN/),
  });
  expect(before.equals(module.flash)).toBe(true);
});

test("BOOT released on purpose: the firmware runs and the ROM does not answer", async () => {
  const { rig, deadline } = simBench();
  await expect(enterRom(rig, deadline, "application")).rejects.toMatchObject({ code: "NOT_IN_ROM" });
});

test("another module than the rig file names is refused before anything is changed", async () => {
  const { rig, deadline } = simBench({}, { chipId: "40827b03d2dc" });
  const { wire, sent } = tapped(rig.wire);
  await expect(openModule({ ...rig, wire }, deadline)).rejects.toMatchObject({
    code: "WRONG_MODULE",
    message: "bench: expected the module 40827b03d2dc, found 40827b037742",
  });
  expect(sent.at(-1)).toBe("10000000");
});

test("a rig without lines: a session that is open is used, and no burst goes into it", async () => {
  const { rig, deadline } = simBench();
  await openModule(rig, deadline);
  const { wire, sent } = tapped(rig.wire);
  const blind = { ...rig, wire, straps: undefined };
  await expect(openModule(blind, deadline)).resolves.toMatchObject({ info: { chipId: "40827b037742" } });
  expect(sent.filter((frame) => frame.startsWith("5555"))).toEqual([]);
});

test("a rig without lines: a module that somebody put into its ROM is greeted", async () => {
  const { rig, deadline } = simBench();
  const lines = rig.straps;
  await lines?.set("boot", true, deadline);
  await lines?.set("chipEn", true, deadline);
  const { wire, sent } = tapped(rig.wire);
  await expect(openModule({ ...rig, wire, straps: undefined }, deadline)).resolves.toMatchObject({
    jedec: { id: "c46016" },
  });
  expect(sent.slice(0, 4)).toEqual(["2000000 Bd", "10000000", "500000 Bd", "10000000"]);
});
