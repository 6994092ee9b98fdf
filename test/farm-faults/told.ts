import type { RunEvent, Verdict } from "../../harness/base/events.js";

type Event<T extends RunEvent["type"]> = Extract<RunEvent, { type: T }>;

export const of = <T extends RunEvent["type"]>(events: readonly RunEvent[], type: T): Event<T>[] =>
  events.filter((event): event is Event<T> => event.type === type);

/** What an attempt came to, where. */
export const nameOf = (event: { readonly case: string; readonly rig: string; readonly verdict: Verdict }): string =>
  JSON.stringify([event.case, event.rig, event.verdict]);
