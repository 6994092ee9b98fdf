import { expect, test } from "@jest/globals";
import { HarnessError } from "../../harness/base/errors.js";
import type { Wire } from "../../harness/base/wire.js";
import { talk } from "../../harness/doctor/active.js";
import { openModule } from "../../harness/recover/open.js";
import { hasSession } from "../../harness/session/greet.js";
import { simBench } from "../support/bench.js";
import { tapped } from "../support/tap.js";

const FIRST = /^Likely causes in order: 1\. TX and RX touch each other/;

test.each([
  ["bridged", "and nothing else came"],
  ["echo", "and behind them came 4f4b"],
])("TX and RX %s: the host hears itself, after one burst and whatever rung is allowed", async (txRx, then) => {
  const { rig, deadline } = simBench({ wiring: { txRx } });
  const { wire, sent } = tapped(rig.wire);
  await expect(openModule({ ...rig, wire }, deadline, undefined, { top: 8 })).rejects.toMatchObject({
    code: "LINE_ECHOES",
    blame: "rig",
    message: `the host hears itself at 500000 Bd: 300 bytes of 0x55 that it sent came back, ${then}`,
    advice: expect.stringMatching(FIRST),
  });
  expect(sent).toEqual(["55".repeat(300)]);
});

test("doctor --active tells it, with what to look at first", async () => {
  const { rig, deadline } = simBench({ wiring: { txRx: "bridged" } });
  const { handshake } = await talk(rig, deadline);
  expect(handshake).toMatchObject({
    status: "failed",
    found: expect.stringContaining("LINE_ECHOES: the host hears itself"),
    advice: expect.stringMatching(FIRST),
  });
});

test("a rig without lines: told at the first probe, before a burst could stall an open session", async () => {
  const { rig, deadline } = simBench({ wiring: { txRx: "echo" } });
  const { wire, sent } = tapped(rig.wire);
  await expect(openModule({ ...rig, wire, straps: undefined }, deadline)).rejects.toMatchObject({
    code: "LINE_ECHOES",
    message: expect.stringContaining("the host hears itself at 2000000 Bd: the 4 bytes that it sent came back"),
  });
  expect(sent).toEqual(["2000000 Bd", "10000000"]);
  await expect(hasSession(rig.wire, deadline)).rejects.toBeInstanceOf(HarnessError);
});

test("an echo whose beginning was lost, behind other noise, is an echo", async () => {
  const { rig, deadline } = simBench({ wiring: { txRx: "bridged" } });
  let first = true;
  const lossy: Wire = {
    get baud() {
      return rig.wire.baud;
    },
    write: (bytes, within) => rig.wire.write(bytes, within),
    read: async (within) => {
      const bytes = await rig.wire.read(within);
      if (!first) return bytes;
      first = false;
      return Buffer.concat([Buffer.from("00fe", "hex"), bytes.subarray(100)]);
    },
    setBaud: (baud, within) => rig.wire.setBaud(baud, within),
    arrived: () => rig.wire.arrived(),
    drop: () => rig.wire.drop(),
    [Symbol.asyncDispose]: () => rig.wire[Symbol.asyncDispose](),
  };
  await expect(openModule({ ...rig, wire: lossy }, deadline)).rejects.toMatchObject({
    message: expect.stringContaining("200 bytes of 0x55"),
  });
});
