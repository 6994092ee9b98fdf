import { Deadline } from "../../harness/base/time.js";
import type { Rig } from "../../harness/base/wire.js";
import { SimModule } from "../../harness/sim/module.js";
import { SimOptions } from "../../harness/sim/options.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";

/** A rig with a simulated module on a virtual clock, as a test wants it. `options` is the `sim:` section of a rig file. */
export function simBench(options: Record<string, unknown> = {}, rig: Partial<Rig> = {}, random?: () => number) {
  const clock = new VirtualClock();
  const module = new SimModule(SimOptions.parse(options), clock, random);
  const { wire, straps } = module.connect();
  const bench: Rig = {
    name: "bench",
    clock,
    wire,
    straps,
    bootBaud: 500_000,
    loadBaud: 2_000_000,
    timing: { resetMs: 100, strapHoldMs: 100, powerOffMs: 500, bootMs: 4000 },
    bootProof: ["banner"],
    allow: { efuse: false, unlocked: false },
    keep: () => undefined,
    switchesPower: true,
    ready: undefined,
    cannotHold: undefined,
    chipId: undefined,
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
    ...rig,
  };
  return { clock, module, rig: bench, deadline: Deadline.in(3_600_000, "the test", clock) };
}
