import type { RigConfig } from "./file/schema.js";

/** A rig with no wire out of this process. */
export const isSimulated = ({ straps, serial }: RigConfig): boolean =>
  straps.driver === "sim" && serial.driver === "sim";
