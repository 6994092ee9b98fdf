import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/** Here, and no flag of node's: a process that is started with one, or below one, starts more slowly, as node refuses its own compiled code. */
export const collectGarbage = runInNewContext("gc") as () => void;
