import { expect, test } from "@jest/globals";
import type { Erase } from "../../harness/base/events.js";
import { planOf } from "../../harness/flash/plan.js";
import { eraseChip, eraseRange } from "../../harness/recover/erase.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import type { Observer } from "../../harness/session/stage.js";
import { SimOptions } from "../../harness/sim/options.js";
import { openSilicon } from "../../harness/sim/silicon/state.js";
import { simBench } from "../support/bench.js";
import { faulty } from "../support/faulty.js";
import { plainSet } from "../support/package.js";
import { scratch } from "../support/scratch.js";

const FILES = plainSet([
  { section: "one", address: 0x8000, bytes: new Uint8Array(3000).fill(0x11) },
  { section: "two", address: 0xa800, bytes: new Uint8Array(6000).fill(0x22) },
]);

test("the erases that are told are those that the module has counted, a file that is begun again included", async () => {
  using folder = scratch();
  const state = folder.file("module.img");
  const { rig, deadline, module } = simBench({ state });
  const wear: Erase[] = [];
  const observer: Observer = { stage: () => undefined, wear: (erase) => wear.push(erase) };
  await eraseChip(rig, deadline, observer);
  await eraseRange(rig, { start: 0x8000, end: 0xc000 }, deadline, observer);
  const line = faulty(rig.wire, [{ toward: "module", at: 2500, kind: "drop", value: 0 }]);
  await programModule(await openModule({ ...rig, wire: line }, deadline, observer), planOf(FILES), deadline, observer);
  module.save();

  const told = new Uint32Array(1024);
  for (const { first, sectors = told.length } of wear)
    for (let sector = first; sector < first + sectors; sector++) told[sector] = (told[sector] ?? 0) + 1;
  const { nor } = openSilicon(SimOptions.parse({ state }));
  expect([...nor.wear.erases]).toEqual([...told]);
  expect(wear).toHaveLength(5);
  expect(new Set(wear.map(({ chip }) => chip))).toEqual(new Set(["40827b037742"]));
});
