import { z } from "zod";
import type { RunEvent } from "../base/events.js";
import { fault } from "../base/fact-schema.js";
import { AnyFact, CaseData } from "../run/lanes/messages.js";

const text = z.string().max(10_000);
/** It becomes the name of a folder. */
const RunId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/);
const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A case of a run, by its names alone: the agent has its code, or refuses. */
const FarmCase = CaseData.omit({ file: true }).extend({
  as: text,
  isBeforeJudged: z.boolean().exactOptional(),
});
export type FarmCase = z.infer<typeof FarmCase>;

/** Cases that one rig runs in a row: one, or a part of a walk. */
const FarmJob = z.strictObject({
  id: count,
  needs: z.array(text),
  /** It gets it first; without `among` it alone may have it. */
  rig: text.exactOptional(),
  /** Names of the rigs that may have it. */
  among: z.array(text).exactOptional(),
  cases: z.array(FarmCase),
});
export type FarmJob = z.infer<typeof FarmJob>;

/** All that an agent, or another clerk, must know of a run: names, seeds, hashes and limits. Never code, never a word for a shell. */
export const Order = z.strictObject({
  runId: RunId,
  wallTime: z.iso.datetime(),
  /** Version of the program. */
  harness: text,
  /** See `scenariosHash`. */
  scenarios: text,
  seed: z.int(),
  asked: z.array(z.array(text)),
  profiles: z.array(text),
  versions: z.array(text),
  timeoutMs: z.number().positive().exactOptional(),
  graceMs: z.number().positive(),
  deafMs: z.number().positive(),
  /** Id of a parcel; none: the synthetic package, for simulated modules alone. */
  firmware: sha256.exactOptional(),
  traces: z.enum(["all", "failed"]),
  retries: count,
  /** The reference firmware is left on each module. */
  night: z.boolean(),
  /** On each rig's clock no case begins later. */
  budget: z.strictObject({ ms: z.number().positive(), shown: text }).exactOptional(),
  maxFailures: count.exactOptional(),
  jobs: z.array(FarmJob),
});
export type Order = z.infer<typeof Order>;

/** What BullMQ carries. */
export const Delivery = z.strictObject({
  run: RunId,
  job: count,
  delivery: count,
  /** Leave the module as the run wants it; there are no cases. */
  conclude: z.boolean(),
  /** `elsewhere`: another rig could take it, if this one breaks it. */
  cases: z.array(FarmCase.extend({ attempt: z.int().min(1), elsewhere: z.boolean() })),
});
export type Delivery = z.infer<typeof Delivery>;

/** Nobody else has written an event that came this way: what is in it is checked as a lane's reports are. */
const Event = z.custom<RunEvent>((value) => {
  if (!AnyFact.safeParse(value).success) return false;
  const { seq, atMs } = value as { seq?: unknown; atMs?: unknown };
  return Number.isSafeInteger(seq) && Number.isFinite(atMs);
});

/** One entry of the stream of a run. */
export const Told = z.discriminatedUnion("kind", [
  /** The clerk: what is of no rig, or what it had to decide. */
  z.strictObject({ kind: z.literal("fact"), atMs: z.number(), fact: AnyFact }),
  /** The clerk hands out what is left of a job, for the first time or once more; `rig`: to this one alone. */
  z.strictObject({
    kind: z.literal("queued"),
    job: count,
    delivery: count,
    rig: text.exactOptional(),
    cases: z.array(text),
  }),
  /**
   * The clerk has not heard of a delivery for a lease. `begun`: whether anybody had begun it by what the clerk knew; where it was
   * not so any more, nothing is lost. `moves`: the case under way begins once more elsewhere.
   */
  z.strictObject({
    kind: z.literal("lost"),
    job: count,
    delivery: count,
    begun: z.boolean(),
    moves: z.boolean(),
    why: text,
  }),
  /** The clerk gives up cases of a job: they come to what their attempts came to, or are skipped; `code`: or broken by it. */
  z.strictObject({
    kind: z.literal("withdrawn"),
    job: count,
    cases: z.array(text),
    reason: text,
    code: z.enum(["AGENT_LOST", "FARM_REFUSED", "RIG_BUSY"]).exactOptional(),
  }),
  /** All cases are done: each of these rigs leaves its module as it should, by a job that goes behind all others. */
  z.strictObject({ kind: z.literal("concluding"), rigs: z.array(text) }),
  /** An agent: something happened, and stands in its own journal. */
  z.strictObject({
    kind: z.literal("event"),
    rig: text,
    /** Names the journal: `seq` rises in one alone. */
    journal: text,
    job: count,
    delivery: count,
    event: Event,
  }),
  /** An agent: a file of a case, ready to be fetched. `path` from the run's folder. */
  z.strictObject({ kind: z.literal("file"), rig: text, job: count, delivery: count, path: text, sha256, bytes: count }),
  /** An agent: a file of a case that does not come, and why. */
  z.strictObject({ kind: z.literal("stays"), rig: text, job: count, delivery: count, path: text, why: text }),
  /** An agent does not take what it was given. `copy`: somebody has it already, and nothing is changed by another one. */
  z.strictObject({
    kind: z.literal("refused"),
    rig: text,
    job: count,
    delivery: count,
    copy: z.boolean(),
    fault,
  }),
]);
export type Told = z.infer<typeof Told>;

const STATES = ["healthy", "degraded", "failing", "unknown"] as const;
export type RigState = (typeof STATES)[number];

/** What an agent tells of a rig, again and again. */
export const RigRecord = z.object({
  rig: text,
  /** Of the process: another one has another. */
  agent: text,
  host: text,
  pid: count,
  harness: text,
  state: z.enum(STATES),
  /** Somebody at the bench uses it, who that is: it takes no work meanwhile. */
  busy: text.exactOptional(),
  reason: text.exactOptional(),
  /** Since when it is in that state: ISO 8601 with Z. */
  since: text,
  /** Rises while the agent lives. */
  beat: count,
  has: z.array(text),
  simulated: z.boolean(),
  work: z
    .strictObject({ run: text, job: count, delivery: count, case: text.exactOptional(), since: text })
    .exactOptional(),
});
export type RigRecord = z.infer<typeof RigRecord>;

/** Why no case of a run begins any more; `cancel`: those under way are called off, too. */
export const Stop = z.strictObject({ cancel: z.boolean(), reason: text });
export type Stop = z.infer<typeof Stop>;

/** @returns `undefined` for what is not JSON, or not of this form. */
export function parsed<T>(schema: z.ZodType<T>, json: string | null | undefined): T | undefined {
  try {
    return schema.parse(JSON.parse(json ?? ""));
  } catch {
    return undefined;
  }
}

/** Id of a delivery in its queue: the same one can be added once. */
export const deliveryId = ({ run, job, delivery }: Pick<Delivery, "run" | "job" | "delivery">): string =>
  `${encodeURIComponent(run)}.${job}.${delivery}`;
