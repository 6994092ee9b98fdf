import { Cleanup } from "../harness/base/cleanup.js";
import { HarnessError } from "../harness/base/errors.js";
import { type Clock, type Deadline, SystemClock } from "../harness/base/time.js";
import type { Bay, Rig } from "../harness/base/wire.js";
import type { SimModule } from "../harness/sim/module.js";
import { VirtualClock } from "../harness/sim/time/clock.js";
import type { RigConfig } from "./file/schema.js";
import { hardwareOf, type Reach } from "./hardware.js";
import { makeSafe } from "./lines/safe.js";
import { rigOf } from "./rig.js";
import { isSimulated } from "./simulated.js";

/** Virtual time for a simulated rig; real time for every other: a jumping clock would outrun a real port. */
export const clockFor = (config: RigConfig): Clock => (isSimulated(config) ? new VirtualClock() : new SystemClock());

/**
 * @param random varies the simulated flash's times (`sim.flash.jitter`): evenly spread from 0 to 1.
 * @param reach what hardware is reached through: this machine's ports, and its terminal.
 */
export function rigBay(config: RigConfig, clock: Clock, random?: () => number, reach?: Reach): Bay {
  const { name, labels } = config;
  if (isSimulated(config)) {
    return { name, labels, drivesLines: true, simulated: true, open: simulatedRigs(config, clock, random) };
  }
  const hardware = hardwareOf(config, clock, reach);
  if (hardware !== undefined) return { name, labels, simulated: false, ...hardware };
  return {
    name,
    labels,
    drivesLines: config.straps.driver !== "none",
    simulated: false,
    open: () => mismatched(config),
  };
}

/** One module for all rigs of a bay, as on a bench: what one case flashed, the next one finds. Loaded when used. */
function simulatedRigs(config: RigConfig, clock: Clock, random: (() => number) | undefined) {
  let module: Promise<SimModule> | undefined;
  const make = async () => new (await import("../harness/sim/module.js")).SimModule(config.sim, clock, random);
  return async (deadline: Deadline): Promise<Rig> => {
    deadline.signal.throwIfAborted();
    module ??= make();
    const opened = await module;
    const cleanup = new Cleanup();
    cleanup.defer(async () => opened.save());
    const { wire, straps } = opened.connect();
    cleanup.use(wire);
    cleanup.use(straps);
    const cannotHold = "a simulated module ends with its process";
    const ready = { read: async () => opened.ready };
    return rigOf(config, { clock, wire, straps, ready, switchesPower: true, cannotHold }, cleanup, () =>
      makeSafe(straps, config, clock),
    );
  };
}

async function mismatched({ name, straps, serial }: RigConfig): Promise<never> {
  const found = `the line driver ${straps.driver} with the serial driver ${serial.driver}`;
  throw new HarnessError(
    "DRIVER_MISSING",
    `${name}: expected sim with sim, or another line driver with port; found ${found}`,
    {
      details: { straps: straps.driver, serial: serial.driver },
    },
  );
}
