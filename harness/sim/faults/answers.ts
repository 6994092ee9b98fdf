import { type Faults, flipped } from "./faults.js";
import type { Fault } from "./options.js";

type Say = (bytes: Uint8Array) => Promise<void>;

interface Means {
  readonly faults: Faults;
  /** Spends time, in ms. */
  readonly take: (ms: number) => Promise<void>;
}

/**
 * What becomes of one command's answers. `drop`: all of them are lost. The others concern the first, PD included:
 * `delay` holds it back, `insert` puts a byte of noise before it, `flip` turns one bit of it, of its data too.
 */
export function spoilt(say: Say, struck: readonly Fault[], { faults, take }: Means): Say {
  if (struck.length === 0) return say;
  let first = true;
  return async (bytes) => {
    if (struck.some((fault) => fault.do === "drop")) return;
    let told = bytes;
    for (const fault of first ? struck : []) {
      if (fault.do === "delay") await take(fault.forMs);
      if (fault.do === "flip") told = flipped(told, faults.pick(8 * told.length));
      if (fault.do === "insert") told = Buffer.from([faults.pick(256), ...told]);
    }
    first = false;
    await say(told);
  };
}
