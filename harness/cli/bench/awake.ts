import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { told } from "../../base/files.js";
import { SIM } from "../options/options.js";
import type { RigArgs } from "./workbench.js";

/** Takes how late a processor may be to wake, in microseconds, as a word of 32 bits: it holds for as long as this is open. */
const DEVICE = "/dev/cpu_dma_latency";
const FLAGS = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const NOT_AT_ALL = new Int32Array([0]);

/**
 * Keeps the processors of this machine from sleeping until it is disposed, or the process ends: each command of a flash wakes
 * two of them, there are five hundred, and one that slept is late by up to 0.2 ms. Whoever may not do that is only slower.
 * Nothing is done for the rig named `sim`, which waits for nothing, nor where a rig may be waited for, which may take hours.
 */
export function stayAwake({ rig, wait }: Pick<RigArgs, "rig" | "wait">, device = DEVICE): Disposable {
  let file = rig === SIM || wait ? undefined : told(() => asking(device));
  return {
    [Symbol.dispose]() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

function asking(device: string): number {
  const file = openSync(device, FLAGS);
  try {
    if (!fstatSync(file).isCharacterDevice()) throw new Error(`${device}: expected the kernel's device`);
    writeSync(file, NOT_AT_ALL);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}
