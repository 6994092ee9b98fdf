import type { Fact } from "../../harness/base/events.js";
import { Book } from "../../harness/farm/book.js";
import type { FarmCase, FarmJob, Told } from "../../harness/farm/messages.js";

export const caseOf = (name: string, more: Partial<FarmCase> = {}): FarmCase => ({
  name,
  as: name,
  scenario: "a-scenario",
  tags: [],
  needs: [],
  timeoutMs: 1000,
  firmwares: [],
  ...more,
});

export const jobOf = (id: number, ...names: readonly string[]): FarmJob => ({
  id,
  needs: [],
  cases: names.map((name) => caseOf(name)),
});

/** Entries of a rig's journal, one behind the other. */
export function agentOf(rig: string, journal = "2026-11-28T00:00:00.000Z") {
  let seq = 0;
  return (job: number, delivery: number, fact: Fact, atMs = seq): Told => ({
    kind: "event",
    rig,
    journal,
    job,
    delivery,
    event: { ...fact, seq: seq++, atMs },
  });
}

export const begun = (rig: string, job: number, delivery: number): Fact => ({
  type: "job.begun",
  ...{ job, delivery, rig, fence: 1, simulated: true },
});
export const ended = (rig: string, job: number, delivery: number): Fact => ({ type: "job.ended", job, delivery, rig });
export const caseStarted = (rig: string, name: string): Fact => ({
  type: "case.started",
  ...{ case: name, scenario: "a-scenario", rig, properties: {} },
});
export const caseEnded = (rig: string, name: string, verdict: "passed" | "failed" = "passed"): Fact => ({
  type: "case.ended",
  ...{ case: name, scenario: "a-scenario", rig, verdict },
});

/** What a book makes of entries, in their order. */
export function booked(jobs: readonly FarmJob[], entries: readonly Told[]) {
  const facts: { readonly fact: Fact; readonly atMs: number }[] = [];
  const files: string[] = [];
  const book = new Book(
    { jobs: [...jobs] },
    (fact, atMs) => void facts.push({ fact, atMs }),
    ({ path }) => void files.push(path),
  );
  for (const [index, entry] of entries.entries()) book.hear(`${1000 + index}-0`, entry);
  return { book, facts, files, types: facts.map(({ fact }) => fact.type) };
}
