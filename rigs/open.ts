import { Cleanup } from "../harness/base/cleanup.js";
import { HarnessError } from "../harness/base/errors.js";
import { type Clock, type Deadline, SystemClock } from "../harness/base/time.js";
import type { Bay, Rig } from "../harness/base/wire.js";
import { VirtualClock } from "../harness/sim/clock.js";
import { SimModule } from "../harness/sim/module.js";
import { makeSafe } from "./safe.js";
import type { RigConfig } from "./schema.js";

const DRIVERS = "the line driver sim with the serial driver sim";

/** Virtual time for a simulated rig; real time for every other: a jumping clock would outrun a real port. */
export const clockFor = (config: RigConfig): Clock => (isSimulated(config) ? new VirtualClock() : new SystemClock());

/** @param random varies the simulated flash's times (`sim.flash.jitter`): evenly spread from 0 to 1. */
export function rigBay(config: RigConfig, clock: Clock, random?: () => number): Bay {
  const { name, labels, straps } = config;
  const open = isSimulated(config) ? simulatedRigs(config, clock, random) : () => missing(config);
  const drivesLines = straps.driver !== "none" && straps.driver !== "manual";
  return { name, labels, drivesLines, simulated: isSimulated(config), open };
}

const isSimulated = ({ straps, serial }: RigConfig): boolean => straps.driver === "sim" && serial.driver === "sim";

/** One module for all rigs of a bay, as on a bench: what one case flashed, the next one finds. */
function simulatedRigs(config: RigConfig, clock: Clock, random: (() => number) | undefined) {
  let module: SimModule | undefined;
  return async (deadline: Deadline): Promise<Rig> => {
    deadline.signal.throwIfAborted();
    module ??= new SimModule(config.sim, clock, random);
    const opened = module;
    const cleanup = new Cleanup();
    cleanup.defer(async () => opened.save());
    const { wire, straps } = opened.connect();
    cleanup.use(wire);
    cleanup.use(straps);
    cleanup.defer(() => makeSafe(straps, config, clock));
    return {
      name: config.name,
      clock,
      wire,
      straps,
      bootBaud: config.serial.bootBaud,
      loadBaud: config.serial.loadBaud,
      timing: config.timing,
      bootProof: config.bootProof,
      allow: config.allow,
      chipId: config.module?.chipId,
      [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
    };
  };
}

async function missing({ name, straps, serial }: RigConfig): Promise<never> {
  const asked = `the line driver ${straps.driver} with the serial driver ${serial.driver}`;
  throw new HarnessError("DRIVER_MISSING", `${name}: ${asked} is not built yet; built is ${DRIVERS}`, {
    details: { straps: straps.driver, serial: serial.driver },
  });
}
