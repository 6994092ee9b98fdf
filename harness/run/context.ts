import type { Emit } from "../base/events.js";
import type { Clock } from "../base/time.js";
import type { KnownGood } from "./control.js";
import type { OnModule } from "./on-module.js";

/** Of which cases wire traces are kept: of all, or only of those that did not pass. */
export type Keep = "all" | "failed";

/** What a case is run in. */
export interface Context {
  readonly clock: Clock;
  readonly emit: Emit;
  /** Aborts when the case is called off: by the operator, or by an error that nobody caught. */
  readonly signal: AbortSignal;
  readonly seed: number;
  /** The run's folder, for attachments. */
  readonly folder: string;
  /** Whose wire traces are kept, and the version that stands in them. Default: nothing is recorded. */
  readonly traces?: { readonly keep: Keep; readonly harness: string };
  /** What is known of the module, and kept for the next case. Default: nothing. */
  readonly module?: OnModule;
  /** Another case tells what is wrong with the firmware that this one begins with; else it does so itself. Default: true. */
  readonly isBeforeJudged?: boolean;
  /** For the control experiment. Default: none. */
  readonly known?: KnownGood;
}
