import { describe, expect, test } from "@jest/globals";
import type { Wire } from "../../harness/base/wire.js";
import { openModule } from "../../harness/recover/open.js";
import { enterRom } from "../../harness/session/handshake.js";
import type { Stage } from "../../harness/session/stage.js";
import { simBench } from "../support/bench.js";
import { rigOn } from "../support/rig.js";

/** What a session took by stage, and what was told of the ladder on the way. */
async function opened(quirks: object = {}, timing: object = {}) {
  const { rig, deadline } = simBench({ quirks });
  const ms = new Map<string, number>();
  const told: string[] = [];
  const observer = {
    stage: (stage: Stage) => void ms.set(stage.stage, stage.ms),
    recovered: (state: string, rung: number) => void told.push(`${state} ${rung}`),
    note: (message: string) => void told.push(message),
  };
  const patient = rigOn(rig.clock, rig.wire, { ...rig, timing: { ...rig.timing, ...timing } });
  const { info } = await openModule(patient, deadline, observer);
  return { chipId: info.chipId, told, enterMs: ms.get("enter-rom") ?? 0, clockSetMs: ms.get("clock-set") ?? 0 };
}

test("a ROM that hears at once costs none of the vendor's pauses", async () => {
  const { enterMs, clockSetMs, told } = await opened();
  expect(told).toEqual([]);
  expect(enterMs).toBeLessThan(155); // 100 of which CHIP_EN is low, and 25 until the burst
  expect(clockSetMs).toBeLessThan(15);
});

test("the vendor's pauses are one setting away", async () => {
  const { enterMs, clockSetMs } = await opened({}, { greetMs: 100, settleMs: 500, rateSettleMs: 110 });
  expect(enterMs).toBeGreaterThan(700);
  expect(clockSetMs).toBeGreaterThan(110);
});

describe.each([5, 50, 300, 480])("a ROM that hears %i ms after its OK", (settleMs) => {
  test("is met, without the ladder", async () => {
    expect(await opened({ settleMs })).toMatchObject({ chipId: "40827b037742", told: [] });
  });
});

test("what it told in place of a pause is not taken for what it would tell later", async () => {
  const { rig, deadline } = simBench();
  const { rom } = await openModule(rig, deadline);
  expect(rom.toldInfo).toBeUndefined();
});

test("where it was too early once, the vendor's pauses are kept to", async () => {
  const { clockSetMs } = await opened({ settleMs: 300 });
  expect(clockSetMs).toBeGreaterThan(110);
});

test.each([2, 5, 9])("a rate that is there %i ms after its OK is met, without the ladder", async (rateSettleMs) => {
  expect(await opened({ rateSettleMs })).toMatchObject({ chipId: "40827b037742", told: [] });
});

test.each([30, 60, 100])("a rate that is there %i ms after its OK is met in the end", async (rateSettleMs) => {
  expect(await opened({ rateSettleMs })).toMatchObject({ chipId: "40827b037742" });
});

test("text in which an OK comes first is no ROM's", async () => {
  const { rig, deadline } = simBench();
  const { wire } = rig;
  const text = ["flash OK", "\r\nstarting", "flash OK", "\r\nstarting"].map((piece) => Buffer.from(piece));
  const straps = rig.straps && { ...rig.straps, set: async () => undefined };
  const talking: Wire = {
    get baud() {
      return wire.baud;
    },
    write: async () => undefined,
    read: async (until) => text.shift() ?? wire.read(until),
    setBaud: (baud, until) => wire.setBaud(baud, until),
    arrived: () => new Uint8Array(),
    drop: () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
  await expect(enterRom({ ...rig, straps, wire: talking }, deadline)).rejects.toMatchObject({ code: "NOT_IN_ROM" });
  expect(text).toEqual([]);
});
