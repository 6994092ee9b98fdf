import type { Outcome } from "../base/events.js";
import type { FarmCase, FarmJob } from "./messages.js";

/** A case of the run, as far as it has come. */
export interface CaseState {
  readonly one: FarmCase;
  /** It has its verdict. */
  isOver: boolean;
  /** Of attempts that have begun. */
  attempts: number;
  /** What it came to by them, and where. */
  before: { readonly outcome: Outcome; readonly rig: string } | undefined;
  /** A rig or an agent has spoilt it once: it does not begin elsewhere a second time. */
  isMoved: boolean;
  /** It is under way. */
  isOpen: boolean;
}

/**
 * `waiting`: nobody has begun it; `held`: a rig is at it; `orphaned`: its agent was ended; `idle`: nobody is at it, and what
 * has no verdict is to be handed out, or given up.
 */
type Phase = "idle" | "waiting" | "held" | "orphaned";

/** A job of the run. */
export interface JobState {
  readonly job: FarmJob;
  readonly isConclusion: boolean;
  phase: Phase;
  /** Of the delivery that counts; 0: none yet. */
  delivery: number;
  /** The rig that it waits for alone, or that is at it. */
  rig: string | undefined;
  /** Whether anybody has begun that delivery. */
  isBegun: boolean;
  /** Rigs that broke, lost or refused it. */
  readonly avoid: Set<string>;
  /** By rig: why it does not take it. */
  readonly refusals: Map<string, string>;
  /** Why the agent that was at it last has given it back in its middle. */
  givenBack: string | undefined;
  /** Deliveries in a row that got no case done. */
  fruitless: number;
}
