import { Deadline } from "../../harness/base/time.js";
import type { Rig } from "../../harness/base/wire.js";
import { SimModule } from "../../harness/sim/module.js";
import { SimOptions } from "../../harness/sim/options.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";
import { rigOn } from "./rig.js";

/** A rig with a simulated module on a virtual clock, as a test wants it. `options` is the `sim:` section of a rig file. */
export function simBench(options: Record<string, unknown> = {}, rig: Partial<Rig> = {}, random?: () => number) {
  const clock = new VirtualClock();
  const module = new SimModule(SimOptions.parse(options), clock, random);
  const { wire, straps } = module.connect();
  const bench = rigOn(clock, wire, { straps, switchesPower: true, faults: module.orders, ...rig });
  return { clock, module, rig: bench, deadline: Deadline.in(3_600_000, "the test", clock) };
}
