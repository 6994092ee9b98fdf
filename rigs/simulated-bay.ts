import { Cleanup } from "../harness/base/cleanup.js";
import { type Clock, Deadline } from "../harness/base/time.js";
import type { Bay, Rig } from "../harness/base/wire.js";
import { SimModule } from "../harness/sim/module.js";
import type { RigConfig } from "./file/schema.js";
import { makeSafe } from "./lines/safe.js";
import { rigOf } from "./rig.js";

/** CS takes no time here; also where a rig is kept, it is let go of. */
const SELECT_MS = 1000;

/**
 * One module for all rigs of the bay, as on a bench: what one case flashed, the next one finds.
 *
 * @param random varies the simulated flash's times (`sim.flash.jitter`): evenly spread from 0 to 1.
 */
export function simulatedBay(config: RigConfig, clock: Clock, random?: () => number): Bay {
  const { name, labels } = config;
  let module: SimModule | undefined;
  const open = async (deadline: Deadline): Promise<Rig> => {
    deadline.signal.throwIfAborted();
    module ??= new SimModule(config.sim, clock, random);
    const opened = module;
    const cleanup = new Cleanup();
    cleanup.defer(async () => opened.save());
    const { wire, straps } = opened.connect();
    cleanup.use(wire);
    cleanup.use(straps);
    cleanup.defer(async () => opened.orders.disarm());
    const cannotHold = "a simulated module ends with its process";
    const ready = { read: async () => opened.ready };
    const driven = { clock, wire, straps, ready, faults: opened.orders, switchesPower: true, cannotHold };
    if (config.spi === undefined) return rigOf(config, driven, cleanup, () => makeSafe(straps, config, clock));
    const spi = opened.connectSpi({ speedHz: config.spi.speedHz });
    cleanup.defer(() => spi.select(false, Deadline.in(SELECT_MS, `${name}: letting go of the module`, clock)));
    return rigOf(config, { ...driven, spi }, cleanup, () => makeSafe(straps, config, clock, spi));
  };
  return { name, labels, simulated: true, open };
}
