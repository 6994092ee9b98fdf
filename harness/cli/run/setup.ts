import type { RigConfig } from "../../../rigs/file/schema.js";
import type { Holder } from "../../../rigs/guard/lock.js";
import type { StrapTiming } from "../../base/strap-timing.js";

/** What a lane process must know before anything else: one line of JSON, right behind its token. */
export interface Setup {
  readonly config: RigConfig;
  readonly wait: boolean;
  /** The run that this lane works for: others who want the rig are told of it. */
  readonly holder: Holder;
  readonly seed: number;
  /** The run's folder, absolute. */
  readonly folder: string;
  /** NCP_Binaries folder, absolute. */
  readonly firmware?: string | undefined;
  readonly profiles: readonly string[];
  readonly versions: readonly string[];
  readonly timeoutMs?: number | undefined;
  /** The points of a sweep, which programs nothing. */
  readonly strapTimings?: readonly StrapTiming[] | undefined;
  /** Where the rig's clock goes on. */
  readonly sinceMs: number;
  /** Somebody sits at the dispatcher's terminal. */
  readonly isTTY: boolean;
}
