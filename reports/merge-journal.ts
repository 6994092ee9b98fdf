import type { Fact, RunEvent } from "../harness/base/events.js";
import { wholeMicroseconds } from "../harness/base/time.js";
import type { CaseEvent } from "./case-fold.js";
import type { Member, Merger, Part } from "./merge.js";

/** Takes over an attachment. @returns its path in the folder of the merged run, or why there is none. */
export type Keep = (part: Part, file: string) => { readonly file: string } | { readonly why: string };

/** The events of a merged run, one case after the other, made as they are asked for. */
export function* mergedEvents({ parts, started, members, interrupted }: Merger, keep: Keep): Generator<RunEvent> {
  let seq = 0;
  const placed = ({ type, ...fact }: Fact, atMs: number): RunEvent =>
    ({ type, seq: seq++, atMs: wholeMicroseconds(atMs), ...fact }) as RunEvent;
  const startOf = ({ story }: Part) => Date.parse(story.summary.wallTime) - Date.parse(started.wallTime);
  yield placed(started, 0);
  for (const member of members)
    for (const { seq: _, atMs, ...fact } of eventsOf(member))
      yield placed(renamed(fact, member, keep), startOf(member.part) + atMs);
  for (const part of parts)
    for (const { seq: _, atMs, ...fact } of part.story.others()) {
      const own = ofNoCase(fact);
      if (own !== undefined) yield placed(own, startOf(part) + atMs);
    }
  const ends = parts.map((part) => startOf(part) + part.story.summary.ms);
  yield placed({ type: "run.ended", interrupted }, Math.max(...ends));
}

/**
 * What was heard of a case, up to its end. An end after which it began anew was none; a case that never ended does so with
 * the last of its run, as it counts there.
 */
function* eventsOf({ part, entry }: Member): Generator<CaseEvent> {
  let held: CaseEvent[] = [];
  let hasEnded = false;
  for (const event of part.story.events(entry)) {
    if (event.type === "case.started" && hasEnded) {
      yield* held.filter(({ type }) => type !== "case.ended");
      held = [];
      hasEnded = false;
    }
    if (event.type === "case.ended") hasEnded = true;
    if (hasEnded) held.push(event);
    else yield event;
  }
  yield* held;
  if (hasEnded) return;
  const { startMs: _, ms, flaky, ...outcome } = entry;
  yield { type: "case.ended", ...outcome, seq: 0, atMs: part.story.summary.ms };
}

/** A fact under the name that its case has now, and with the attachment where it lies now. */
function renamed(fact: Fact, { part, name }: Member, keep: Keep): Fact {
  if (fact.type !== "attachment") return { ...fact, case: name } as Fact;
  const kept = keep(part, fact.file);
  return "file" in kept
    ? { ...fact, case: name, file: kept.file }
    : { type: "note", case: name, message: `the attachment ${fact.name} was not merged: ${kept.why}` };
}

/** Of a case that nobody knows nothing is kept but what the run answers for. */
function ofNoCase(fact: Fact): Fact | undefined {
  if (!("case" in fact)) return fact;
  const { case: _, ...own } = fact;
  return own.type === "stray" || own.type === "lane.leftovers" ? own : undefined;
}
