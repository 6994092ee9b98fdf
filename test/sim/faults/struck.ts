import { Host } from "../host.js";

/** A session on a blank module that these faults befall. */
export const struck = (faults: readonly object[], random?: () => number): Promise<Host> =>
  Host.inSession({ contents: "blank", faults }, random);

/** Random numbers from a list, again and again. */
export const these = (...values: readonly number[]): (() => number) => {
  let at = 0;
  return () => values[at++ % values.length] ?? 0;
};
