import type { Cleanup } from "../harness/base/cleanup.js";
import type { Rig } from "../harness/base/wire.js";
import type { RigConfig } from "./file/schema.js";
import { type Supply, supplied } from "./supply.js";

/**
 * Drivers that release BOOT before anything is sent: a person takes longer for it than a session lasts; and the modem lines are
 * the port's own, where nobody has seen whether an adapter's data survives that they move.
 */
const PATIENT: readonly RigConfig["straps"]["driver"][] = ["manual", "modem"];

/** A rig as its file says, over what was opened for it; `cleanup` is how it ends, `safe` its part that moves the lines. */
export function rigOf(
  config: RigConfig,
  opened: Pick<Rig, "clock" | "wire" | "straps" | "switchesPower" | "cannotHold"> &
    Partial<Pick<Rig, "ready" | "spi" | "faults">>,
  cleanup: Cleanup,
  safe: () => Promise<void>,
  holdTx?: Supply["holdTx"],
): Rig {
  let kept = false;
  const { straps } = opened;
  const timing = PATIENT.includes(config.straps.driver) ? { ...config.timing, greetMs: undefined } : config.timing;
  const supply = { startsOff: config.safeState.power === "off", ...(holdTx !== undefined && { holdTx }) };
  cleanup.defer(async () => (kept ? undefined : safe()));
  return {
    ready: undefined,
    ...opened,
    straps: opened.switchesPower && straps ? supplied(straps, supply) : straps,
    keep: () => {
      kept = true;
    },
    name: config.name,
    bootBaud: config.serial.bootBaud,
    loadBaud: config.serial.loadBaud,
    readBytes: config.serial.readBytes,
    writeBytes: config.serial.writeBytes,
    timing,
    bootProof: config.bootProof,
    allow: config.allow,
    chipId: config.module?.chipId,
    [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
  };
}
