import type { LinesConfig } from "../file/schema.js";
import type { Holder, Resource } from "./lock.js";

/** What a watchdog must know: one line of JSON on its standard input. */
export interface WatchdogJob {
  readonly config: LinesConfig;
  readonly resources: readonly Resource[];
  /** Who drives, and whose end is watched. */
  readonly holder: Holder;
  /** The folder of the lock files; none: the machine's. */
  readonly folder?: string;
}

/** The word that says that the lines are as they should be, and nobody is needed any more. */
export const ENDED_WELL = "ended well";

/** What a watchdog says once it could make the lines safe at once. */
export const READY = "ready";
