import { hexNumber } from "../base/hex.js";
import type { LeftOut } from "./parts.js";

/** What skipped ranges took out of a file: `what` was not done with it. One clause each, to go behind what was done. */
export const tellLeftOut = (what: string, leftOut: readonly LeftOut[]): string =>
  leftOut
    .map(({ file, address, bytes }) => `; ${what}: ${file}, ${bytes} bytes at ${hexNumber(address)} (skip_mode)`)
    .join("");
