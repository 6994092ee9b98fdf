import { expect, test } from "@jest/globals";
import type { Rig, Wire } from "../../harness/base/wire.js";
import type { Recovery } from "../../harness/recover/rung.js";
import type { Observer } from "../../harness/session/stage.js";
import { simBench } from "../support/bench.js";
import { play, targetOf } from "./support.js";

const mfg = targetOf("mfg");
const reference = targetOf("t02");
const ALL: Recovery = { top: 8, reference };
const erase = { moment: { stage: "erase" }, cause: "power" } as const;

function listening() {
  const told: string[] = [];
  const observer: Observer = {
    stage: () => undefined,
    rung: (rung, _, ok) => told.push(`${rung} ${ok}`),
    recovered: (state, rung) => told.push(`${state} by ${rung}`),
  };
  return { told, observer };
}

const DEAD = Array.from({ length: 1024 }, (_, sector) => sector * 4096);

test.each([
  ["neither erases nor programs, and says so", { flashFails: true }, "COMMAND_REFUSED"],
  ["neither erases nor programs, and says OK to both", { deadSectors: DEAD }, "VERIFY_MISMATCH"],
])("a flash that %s: bricked, with what was tried and seen", async (_, quirks, code) => {
  const { rig } = simBench({ quirks });
  const { told, observer } = listening();
  await expect(play(rig, mfg, erase, ALL, observer)).rejects.toMatchObject({
    code: "MODULE_BRICKED",
    blame: "module",
    message: expect.stringContaining(
      "bench: interrupted at erase by power, and nothing brought the module back. Tried: 1 ask",
    ),
    details: {
      by: "erase by power",
      tried: expect.arrayContaining([
        "7 whole-chip erase, and once more: did not help",
        "8 reference firmware: did not help",
      ]),
      seen: { code },
    },
  });
  expect(told.filter((line) => line.startsWith("bricked"))).toEqual(["bricked by 8"]);
});

test("without a reference firmware it is called bricked behind the last rung that there is", async () => {
  const { rig } = simBench({ quirks: { flashFails: true } });
  const { told, observer } = listening();
  await expect(play(rig, mfg, erase, { top: 7 }, observer)).rejects.toMatchObject({ code: "MODULE_BRICKED" });
  expect(told.slice(-2)).toEqual(["7 false", "bricked by 8"]);
});

test("where the flash may not be lost nobody calls a module bricked: what was seen is told", async () => {
  const { rig } = simBench({ quirks: { flashFails: true } });
  const { told, observer } = listening();
  const ended = play(rig, mfg, erase, { top: 6 }, observer);
  await expect(ended).rejects.toMatchObject({ code: "COMMAND_REFUSED", blame: "module" });
  expect(told.filter((line) => line.startsWith("bricked"))).toEqual([]);
});

/** The module is gone for good as soon as it was told to erase: nothing comes from it any more, whatever is done. */
function gone(wire: Wire): Wire {
  let isGone = false;
  return {
    get baud() {
      return wire.baud;
    },
    async write(bytes, deadline) {
      isGone ||= bytes[0] === 0x30;
      await wire.write(bytes, deadline);
    },
    async read(deadline) {
      for (;;) {
        const bytes = await wire.read(deadline);
        if (!isGone) return bytes;
        if (deadline.remainingMs === 0) throw deadline.expired();
      }
    },
    setBaud: (baud, deadline) => wire.setBaud(baud, deadline),
    arrived: () => (isGone ? new Uint8Array() : wire.arrived()),
    drop: () => wire.drop(),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  };
}

test.each([
  ["the host that saw it", "chip-en"],
  ["a new host", "host"],
] as const)("a module that is silent for ever after its cut: %s calls it bricked", async (_, cause) => {
  const { rig } = simBench();
  const silent: Rig = { ...rig, wire: gone(rig.wire) };
  const { told, observer } = listening();
  const ended = play(silent, mfg, { moment: { stage: "erase" }, cause }, ALL, observer);
  await expect(ended).rejects.toMatchObject({ code: "MODULE_BRICKED", blame: "module" });
  expect(told.at(-1)).toBe("bricked by 8");
});

test("a module that a cut has made silent to set-para is cured by the whole-chip erase, and goes on", async () => {
  const t01 = targetOf("t01");
  const { rig } = simBench();
  await play(rig, t01, { moment: { stage: "handshake" }, cause: "flip" });
  rig.faults?.arm({ quirks: { t01Reflash: true } });
  const { told, observer } = listening();
  const moment = { stage: "handshake" } as const;
  await expect(play(rig, mfg, { moment, cause: "host" }, { top: 6 })).rejects.toMatchObject({
    code: "SET_PARA_SILENT",
  });
  const { back } = await play(rig, mfg, { moment, cause: "host" }, ALL, observer);
  expect(back).toMatchObject({ state: "recovered", rung: 7 });
  expect(back.left.map(({ state }) => state)).toEqual(["blank", "blank", "blank"]);
  expect(told.slice(-2)).toEqual(["7 true", "recovered by 7"]);
});
