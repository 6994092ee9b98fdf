import { type Clock, SystemClock } from "../harness/base/time.js";
import type { Bay } from "../harness/base/wire.js";
import { VirtualClock } from "../harness/sim/time/clock.js";
import type { RigConfig } from "./file/schema.js";
import type { Terminal } from "./lines/terminal.js";
import { isSimulated } from "./simulated.js";

/** Virtual time for a simulated rig; real time for every other: a jumping clock would outrun a real port. */
export const clockFor = (config: RigConfig): Clock => (isSimulated(config) ? new VirtualClock() : new SystemClock());

/**
 * Where rigs of this file are opened. The simulator is loaded for a simulated rig alone, and before its clock is used.
 *
 * @param random varies the simulated flash's times (`sim.flash.jitter`): evenly spread from 0 to 1.
 * @param terminal of the person at the buttons; this process's own without it.
 */
export async function loadBay(
  config: RigConfig,
  clock: Clock,
  random: () => number,
  terminal?: Terminal,
): Promise<Bay> {
  if (isSimulated(config)) return (await import("./simulated-bay.js")).simulatedBay(config, clock, random);
  return (await import("./hardware.js")).hardwareBay(config, clock, terminal === undefined ? {} : { terminal });
}
