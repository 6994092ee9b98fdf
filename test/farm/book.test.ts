import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Fact } from "../../harness/base/events.js";
import type { Told } from "../../harness/farm/messages.js";
import { agentOf, begun, booked, caseEnded, caseStarted, ended, jobOf } from "./told.js";

const queued = (job: number, delivery: number, ...cases: readonly string[]): Told => ({
  kind: "queued",
  job,
  delivery,
  cases: [...cases],
});
const lost = (job: number, delivery: number, moves: boolean, begun = true): Told => ({
  kind: "lost",
  ...{ job, delivery, begun, moves },
  why: "nothing was heard of it",
});
const RIG_FAULT: Fact = {
  type: "case.retried",
  ...{ case: "a", rig: "one", verdict: "broken" },
  fault: { code: "RIG_UNFIT", blame: "rig", message: "a wire", advice: "look" },
};

/** One job on one rig, from its delivery to its end. */
function done(rig: string, job: number, name: string): Told[] {
  const tell = agentOf(rig);
  return [
    queued(job, 1, name),
    tell(job, 1, begun(rig, job, 1)),
    tell(job, 1, caseStarted(rig, name)),
    tell(job, 1, caseEnded(rig, name)),
    tell(job, 1, ended(rig, job, 1)),
  ];
}

test("a job that its rig did is done, with its case's verdict", () => {
  const { book, types } = booked([jobOf(0, "a")], done("one", 0, "a"));
  expect(types).toEqual(["job.begun", "case.started", "case.ended", "job.ended"]);
  expect(book.cases.get("a")).toMatchObject({ isOver: true, attempts: 1 });
  expect(book.jobs.get(0)).toMatchObject({ phase: "idle", rig: "one" });
  expect([...book.rigs.keys()]).toEqual(["one"]);
});

test("what an agent sends twice changes nothing", () => {
  const entries = done("one", 0, "a");
  const twice = [...entries, ...entries.slice(1)];
  expect(booked([jobOf(0, "a")], twice).facts).toEqual(booked([jobOf(0, "a")], entries).facts);
});

test("a job that its agent gives back in its middle, as it cannot write it down, waits for nobody", () => {
  const tell = agentOf("one");
  const fault = { code: "FILE_UNWRITABLE", blame: "config", message: "pi: /out: is full", advice: "look" } as const;
  const refused = (rig: string): Told => ({ kind: "refused", rig, job: 0, delivery: 1, copy: false, fault });
  const begin = [queued(0, 1, "a"), tell(0, 1, begun("one", 0, 1)), tell(0, 1, caseStarted("one", "a"))];
  const givenBack = "one gave back job 0: FILE_UNWRITABLE: pi: /out: is full";
  expect(booked([jobOf(0, "a")], [...begin, refused("two")]).book.jobs.get(0)).toMatchObject({ phase: "held" });
  const { book } = booked([jobOf(0, "a")], [...begin, refused("one")]);
  expect(book.jobs.get(0)).toMatchObject({ phase: "orphaned", givenBack });
});

test("a file that stayed on its machine is warned of, once", () => {
  const stays: Told = { kind: "stays", rig: "one", job: 0, delivery: 1, path: "cases/a/big", why: "it is too large" };
  const { facts } = booked([jobOf(0, "a")], [stays, stays]);
  const message = "cases/a/big stayed on the machine of one: it is too large";
  expect(facts.map(({ fact }) => fact)).toEqual([{ type: "run.warned", message }]);
});

test("what a rig has begun, or done, while the clerk gave it up is not lost", () => {
  const entries = done("one", 0, "a");
  for (const had of [2, 3, 4, 5]) {
    const { types, book } = booked([jobOf(0, "a")], [...entries.slice(0, had), lost(0, 1, true, false)]);
    expect(types).not.toContain("lane.lost");
    expect(book.jobs.get(0)?.phase).toBe(had < 5 ? "held" : "idle");
  }
  expect(booked([jobOf(0, "a")], [...entries, lost(0, 1, true)]).types).not.toContain("lane.lost");
  const waiting = booked([jobOf(0, "a")], [...entries.slice(0, 1), lost(0, 1, true, false)]).book;
  expect(waiting.jobs.get(0)?.phase).toBe("idle");
});

test.each([
  ["ABORTED", false],
  ["RIG_BUSY", false],
  ["FARM_REFUSED", true],
] as const)(
  "a rig that did not take a job is asked again, but not where it would refuse it for ever: %s",
  (code, isFinal) => {
    const fault = { code, blame: "operator", message: "why", advice: "look" } as const;
    const refused: Told = { kind: "refused", rig: "one", job: 0, delivery: 1, copy: false, fault };
    const job = booked([jobOf(0, "a")], [queued(0, 1, "a"), refused]).book.jobs.get(0);
    expect({ phase: job?.phase, avoided: job?.avoid.has("one"), refused: job?.refusals.has("one") }).toEqual({
      ...{ phase: "idle", avoided: isFinal, refused: isFinal },
    });
  },
);

test("a case whose agent was lost begins once more elsewhere, and what the first one tells then is no verdict", () => {
  const [one, two] = [agentOf("one"), agentOf("two")];
  const { facts, book } = booked(
    [jobOf(0, "a")],
    [
      queued(0, 1, "a"),
      one(0, 1, begun("one", 0, 1)),
      one(0, 1, caseStarted("one", "a")),
      lost(0, 1, true),
      queued(0, 2, "a"),
      two(0, 2, begun("two", 0, 2)),
      two(0, 2, caseStarted("two", "a")),
      one(0, 1, { type: "wear", case: "a", chip: "c0ffee", first: 3 }),
      one(0, 1, caseEnded("one", "a", "failed")),
      two(0, 2, caseEnded("two", "a")),
    ],
  );
  const told = facts.map(({ fact }) => fact);
  expect(told.filter(({ type }) => type === "case.ended")).toEqual([caseEnded("two", "a")]);
  expect(told).toContainEqual(expect.objectContaining({ type: "case.retried", rig: "one", verdict: "broken" }));
  expect(told).toContainEqual(expect.objectContaining({ type: "lane.lost", rig: "one" }));
  expect(told).toContainEqual({
    type: "run.warned",
    message: expect.stringMatching(/^a came to "failed" on one .* no verdict$/),
  });
  // What the late one did to its module, it did.
  expect(told).toContainEqual({ type: "wear", rig: "one", chip: "c0ffee", first: 3 });
  expect(book.cases.get("a")).toMatchObject({ isOver: true, isMoved: true, attempts: 2 });
});

test("a case that can go nowhere else is broken by the loss of its agent", () => {
  const one = agentOf("one");
  const { facts, book } = booked(
    [jobOf(0, "a", "b")],
    [queued(0, 1, "a", "b"), one(0, 1, begun("one", 0, 1)), one(0, 1, caseStarted("one", "a")), lost(0, 1, false)],
  );
  expect(facts.at(-1)?.fact).toMatchObject({
    type: "case.ended",
    case: "a",
    verdict: "broken",
    fault: { code: "AGENT_LOST" },
  });
  const [left] = book.left(book.jobs.get(0) as never);
  expect(left?.one.as).toBe("b");
});

test("what a rig broke is for another one, and a case that nobody can take comes to what its attempts came to", () => {
  const one = agentOf("one");
  const { book, facts } = booked(
    [jobOf(0, "a")],
    [
      queued(0, 1, "a"),
      one(0, 1, begun("one", 0, 1)),
      one(0, 1, caseStarted("one", "a")),
      one(0, 1, RIG_FAULT),
      one(0, 1, ended("one", 0, 1)),
      { kind: "withdrawn", job: 0, cases: ["a"], reason: "no other rig" },
    ],
  );
  expect([...(book.jobs.get(0)?.avoid ?? [])]).toEqual(["one"]);
  expect(facts.at(-1)?.fact).toMatchObject({
    type: "case.ended",
    case: "a",
    verdict: "broken",
    fault: { code: "RIG_UNFIT" },
  });
});

test("a case that never began is skipped with the reason", () => {
  const { facts } = booked([jobOf(0, "a")], [{ kind: "withdrawn", job: 0, cases: ["a"], reason: "no rig works" }]);
  expect(facts.map(({ fact }) => fact)).toEqual([
    caseStarted("", "a"),
    { type: "case.ended", case: "a", scenario: "a-scenario", rig: "", verdict: "skipped", reason: "no rig works" },
  ]);
});

test("a second copy that is refused does nothing to the job that was begun", () => {
  const one = agentOf("one");
  const refused: Told = {
    kind: "refused",
    ...{ rig: "one", job: 0, delivery: 1, copy: true },
    fault: { code: "AGENT_LOST", blame: "rig", message: "begun before", advice: "" },
  };
  const first = booked([jobOf(0, "a")], [queued(0, 1, "a"), refused]);
  expect(first.book.jobs.get(0)).toMatchObject({ phase: "waiting", delivery: 1 });
  const { book, types } = booked([jobOf(0, "a")], [queued(0, 1, "a"), one(0, 1, begun("one", 0, 1)), refused]);
  expect(book.jobs.get(0)).toMatchObject({ phase: "held", delivery: 1 });
  expect(types).toEqual(["job.begun", "run.warned"]);
});

test("a delivery that was begun on one rig is nothing on another", () => {
  const [one, two] = [agentOf("one"), agentOf("two")];
  const { book, types } = booked(
    [jobOf(0, "a")],
    [
      queued(0, 1, "a"),
      one(0, 1, begun("one", 0, 1)),
      two(0, 1, begun("two", 0, 1)),
      two(0, 1, caseStarted("two", "a")),
    ],
  );
  expect(book.jobs.get(0)?.rig).toBe("one");
  expect(types).toEqual(["job.begun"]);
});

test("times of a real rig are those of the run, and a simulated one has its own", () => {
  const start: Fact = {
    type: "run.started",
    wallTime: "2026-11-28T00:00:00.000Z",
    runId: "r",
    harness: "0",
    seed: 1,
    rigs: [],
    cases: 1,
  };
  const one = agentOf("one");
  const real: Fact = { type: "job.begun", job: 0, delivery: 1, rig: "one", fence: 1, simulated: false };
  const { facts } = booked(
    [jobOf(0, "a")],
    [
      { kind: "fact", atMs: 0, fact: start },
      queued(0, 1, "a"),
      one(0, 1, real, 5),
      one(0, 1, caseStarted("one", "a"), 12),
    ],
  );
  // The entry came 2 ms after the start, by the server's clock.
  expect(facts.map(({ atMs }) => atMs)).toEqual([0, 5, 12]);
});

test("any order and repetition of entries: no case ends twice, and a beginning tells a beginning", () => {
  const jobs = [jobOf(0, "a", "b"), jobOf(1, "c")];
  const name = fc.constantFrom("a", "b", "c");
  const rig = fc.constantFrom("one", "two");
  const job = fc.integer({ min: 0, max: 1 });
  const delivery = fc.integer({ min: 1, max: 2 });
  const fact = fc.oneof(
    fc.record({ rig, job, delivery }).map((each) => begun(each.rig, each.job, each.delivery)),
    fc.record({ rig, job, delivery }).map((each) => ended(each.rig, each.job, each.delivery)),
    fc.record({ rig, name }).map((each) => caseStarted(each.rig, each.name)),
    fc.record({ rig, name }).map((each) => caseEnded(each.rig, each.name)),
    fc.constant(RIG_FAULT),
  );
  const entry: fc.Arbitrary<Told> = fc.oneof(
    fc.record({ job, delivery, name }).map((each) => queued(each.job, each.delivery, each.name)),
    fc.record({ job, delivery, moves: fc.boolean() }).map((each) => lost(each.job, each.delivery, each.moves)),
    fc
      .record({ job, name })
      .map((each): Told => ({ kind: "withdrawn", job: each.job, cases: [each.name], reason: "r" })),
    fc.record({ rig, job, delivery, fact, seq: fc.nat(40) }).map(
      (each): Told => ({
        kind: "event",
        ...{ rig: each.rig, journal: "j", job: each.job, delivery: each.delivery },
        event: { ...each.fact, seq: each.seq, atMs: 0 },
      }),
    ),
  );
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 60 }), fc.nat(60), (entries, cut) => {
      const all = booked(jobs, entries).facts;
      for (const each of ["a", "b", "c"])
        expect(
          all.filter(({ fact: { type, ...rest } }) => type === "case.ended" && "case" in rest && rest.case === each)
            .length,
        ).toBeLessThan(2);
      expect(all.slice(0, booked(jobs, entries.slice(0, cut)).facts.length)).toEqual(
        booked(jobs, entries.slice(0, cut)).facts,
      );
    }),
    { numRuns: 2000 },
  );
});

test("a case that no rig did, though one should have, is broken: nobody takes such a run for a good one", () => {
  const entries: Told[] = [
    ...done("one", 0, "a"),
    { kind: "withdrawn", job: 1, cases: ["b"], reason: "two does not work", code: "AGENT_LOST" },
  ];
  const { facts, book } = booked([jobOf(0, "a"), jobOf(1, "b")], entries);
  expect(facts.at(-1)?.fact).toMatchObject({
    type: "case.ended",
    ...{ case: "b", verdict: "broken", fault: { code: "AGENT_LOST", blame: "rig", message: "two does not work" } },
  });
  expect(book.failures).toBe(1);
});

test("of a rig that does not leave its module as it should it is told why", () => {
  const fault = { code: "RIG_BUSY", blame: "rig", message: "somebody is at it", advice: "wait" } as const;
  const entries: Told[] = [
    ...done("one", 0, "a"),
    { kind: "concluding", rigs: ["one"] },
    queued(1_000_000_000, 1),
    { kind: "refused", rig: "one", job: 1_000_000_000, delivery: 1, copy: false, fault },
  ];
  const reason = "one did not take job 1000000000: RIG_BUSY: somebody is at it";
  expect(booked([jobOf(0, "a")], entries).facts.at(-1)?.fact).toEqual({ type: "module.left", rig: "one", reason });
});
