import { nextTick } from "node:process";

/** All that is runnable now has run, and what it leaves behind is gone: a race lets go once whoever waits for it has gone on. */
export const tick = (): Promise<void> => new Promise((resolve) => nextTick(resolve));
