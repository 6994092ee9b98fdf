import type { Cleanup } from "../harness/base/cleanup.js";
import type { Rig, Straps } from "../harness/base/wire.js";
import type { RigConfig } from "./file/schema.js";

/**
 * The same lines, with the supply on before any of them is driven: the safe state may leave it off, and so may whoever was
 * killed in the middle of a power cycle.
 */
function supplied(straps: Straps): Straps {
  let known = false;
  return {
    async set(line, asserted, deadline) {
      if (!known && line !== "power") await straps.set("power", true, deadline);
      known = true;
      await straps.set(line, asserted, deadline);
    },
    [Symbol.asyncDispose]: () => straps[Symbol.asyncDispose](),
  };
}

/** A rig as its file says, over what was opened for it; `cleanup` is how it ends, `safe` its part that moves the lines. */
export function rigOf(
  config: RigConfig,
  opened: Pick<Rig, "clock" | "wire" | "straps" | "switchesPower" | "cannotHold"> &
    Partial<Pick<Rig, "ready" | "spi" | "faults">>,
  cleanup: Cleanup,
  safe: () => Promise<void>,
): Rig {
  let kept = false;
  cleanup.defer(async () => (kept ? undefined : safe()));
  return {
    ready: undefined,
    ...opened,
    straps: opened.switchesPower && opened.straps ? supplied(opened.straps) : opened.straps,
    keep: () => {
      kept = true;
    },
    name: config.name,
    bootBaud: config.serial.bootBaud,
    loadBaud: config.serial.loadBaud,
    readBytes: config.serial.readBytes,
    writeBytes: config.serial.writeBytes,
    timing: config.timing,
    bootProof: config.bootProof,
    allow: config.allow,
    chipId: config.module?.chipId,
    [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
  };
}
