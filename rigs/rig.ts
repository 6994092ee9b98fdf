import type { Cleanup } from "../harness/base/cleanup.js";
import type { Rig } from "../harness/base/wire.js";
import type { RigConfig } from "./file/schema.js";
import { type Supply, supplied } from "./supply.js";

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
  // A person takes longer to release BOOT than a session lasts.
  const timing = config.straps.driver === "manual" ? { ...config.timing, greetMs: undefined } : config.timing;
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
