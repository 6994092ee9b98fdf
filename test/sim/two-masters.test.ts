import { expect, test } from "@jest/globals";
import { Deadline } from "../../harness/base/time.js";
import { eraseRange } from "../../harness/recover/erase.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";
import { loadRig } from "../../rigs/file/load.js";
import { simulatedBay } from "../../rigs/simulated-bay.js";
import { scratch } from "../support/scratch.js";

test("a simulated module that two masters drove at once is not kept as if one had", async () => {
  using folder = scratch();
  const config = loadRig("sim", [`sim.state=${folder.file("module.img")}`]);
  const erased = async () => {
    const clock = new VirtualClock();
    const deadline = Deadline.in(60_000, "a test", clock);
    const rig = await simulatedBay(config, clock).open(deadline);
    await eraseRange(rig, { start: 0x100000, end: 0x101000 }, deadline);
    return rig;
  };
  const [ours, theirs] = [await erased(), await erased()];
  await theirs[Symbol.asyncDispose]();
  await expect(ours[Symbol.asyncDispose]()).rejects.toMatchObject({ code: "SIM_STATE_INVALID" });
});
