import { openFirmware } from "../../harness/cli/options/firmwares.js";
import { loadFirmware } from "../../harness/firmware/package.js";
import { planOf } from "../../harness/flash/plan.js";
import { flashDelta } from "../../harness/recover/delta.js";
import { openModule } from "../../harness/recover/open.js";
import { SimOptions } from "../../harness/sim/options.js";
import { simBench } from "../support/bench.js";

/** Beside hashing the whole flash once: to enter the ROM and to ask; and to mend a sector of littlefs. */
const IDENTICAL_OVER_MS = 600;
const ONE_SECTOR_OVER_MS = 1000;

/** What the module's time comes to from its reset on, T01 2.0.106 over itself, and what it may come to. */
export async function deltaCosts() {
  const plan = planOf(loadFirmware(await openFirmware(undefined, true), "t01", "2.0.106"));
  const { rig, module, clock, deadline } = simBench();
  const flashed = async (): Promise<number> => {
    const start = clock.now();
    await flashDelta(await openModule(rig, deadline), plan, deadline);
    return clock.now() - start;
  };
  const wholeMs = await flashed();
  const identicalMs = await flashed();
  const littlefs = plan.steps.find((step) => step.op === "write" && step.file === "littlefs");
  if (littlefs?.op !== "write") throw new Error("T01 has no littlefs");
  module.flash.fill(0, littlefs.address + 50 * 4096, littlefs.address + 51 * 4096);
  const oneSectorMs = await flashed();
  const hashMs = (1000 * module.flash.length) / SimOptions.parse({}).flash.shaBytesPerSec;
  const identicalBoundMs = hashMs + IDENTICAL_OVER_MS;
  return {
    wholeMs,
    identicalMs,
    identicalBoundMs,
    oneSectorMs,
    oneSectorBoundMs: identicalBoundMs + ONE_SECTOR_OVER_MS,
  };
}
