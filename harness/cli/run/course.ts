import { createHash } from "node:crypto";
import type { Story } from "../../../reports/story.js";
import type { Fact } from "../../base/events.js";
import type { Chosen } from "../../run/lanes/choose.js";
import type { Dispatch } from "../../run/lanes/dispatcher.js";
import type { Told } from "./past.js";

/** What another command than `run` does with the cases, and tells at the end. */
export interface Course {
  /** Goes into `run.started`. */
  readonly started: Partial<Extract<Fact, { type: "run.started" }>>;
  /** How often each module will be erased at the least. */
  erases(cases: readonly Chosen[]): number;
  /** Learns all that happens. */
  hear?(fact: Fact): void;
  conduct(
    parts: Pick<Dispatch, "crews" | "emit" | "signal" | "halt"> & { readonly cases: readonly Chosen[] },
  ): Promise<void>;
  /** Of the run as its journal tells it. */
  told(story: Story): Told;
}

/** What `run.started` says of it. Its plan is its own: what the same cases came to in a `run` is not compared with it. */
export const startedOf = ({ started }: Course): Course["started"] => ({
  ...started,
  plan: createHash("sha256").update(JSON.stringify(started)).digest("hex"),
});
