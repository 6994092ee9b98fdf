import type { Cleanup } from "../harness/base/cleanup.js";
import type { Rig } from "../harness/base/wire.js";
import type { RigConfig } from "./file/schema.js";

/** A rig as its file says, over what was opened for it; `cleanup` is how it ends, `safe` its part that moves the lines. */
export function rigOf(
  config: RigConfig,
  opened: Pick<Rig, "clock" | "wire" | "straps" | "switchesPower" | "cannotHold"> & Partial<Pick<Rig, "ready">>,
  cleanup: Cleanup,
  safe: () => Promise<void>,
): Rig {
  let kept = false;
  cleanup.defer(async () => (kept ? undefined : safe()));
  return {
    ready: undefined,
    ...opened,
    keep: () => {
      kept = true;
    },
    name: config.name,
    bootBaud: config.serial.bootBaud,
    loadBaud: config.serial.loadBaud,
    timing: config.timing,
    bootProof: config.bootProof,
    allow: config.allow,
    chipId: config.module?.chipId,
    [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
  };
}
