import { HarnessError } from "../../harness/base/errors.js";
import type { Deadline } from "../../harness/base/time.js";
import type { Straps } from "../../harness/base/wire.js";
import { loadFlock } from "../../harness/native/flock.js";
import { loadGpio } from "../../harness/native/gpio.js";
import type { LinesConfig } from "../file/schema.js";
import { openSocketStraps } from "./socket.js";

/**
 * Whether the lines can be set from another process, and outlast the one that set them. DTR and RTS do not: the kernel
 * drops both as the port closes, by itself when its process dies, and would drop them again at the end of whoever set
 * them then. A person's lines are that person's, and those of a simulated module end with it.
 */
export const outlastProcess = ({ straps: { driver } }: LinesConfig): boolean =>
  driver === "socket" || driver === "onoff" || driver === "chardev";

/** Loads what `openLines` will need, so that it takes no time when it matters. Nothing is opened. */
export async function prepareLines({ straps: { driver } }: LinesConfig): Promise<void> {
  loadFlock();
  if (driver !== "onoff" && driver !== "chardev") return;
  await import("./gpio.js");
  if (driver === "onoff") await import("onoff");
  else loadGpio();
}

/** Opens the lines of a rig without its port. @throws what the line driver throws. */
export async function openLines(config: LinesConfig, deadline: Deadline): Promise<Straps> {
  const { driver, path } = config.straps;
  if (driver === "socket" && path !== undefined) return openSocketStraps(path, deadline);
  if (driver === "onoff" || driver === "chardev") {
    const { openGpioStraps } = await import("./gpio.js");
    return openGpioStraps(config, deadline);
  }
  throw new HarnessError("DRIVER_MISSING", `${config.name}: the lines of the driver ${driver} end with their process`);
}
