import { z } from "zod";
import type { Blame, ErrorCode } from "./errors.js";
import type { Fact } from "./events.js";
import { STRAP_RESULTS } from "./strap-timing.js";

const text = z.string();
/** Codes and blames may come from another version of the harness, so they are not held against today's table. */
export const fault = z.object({
  code: z.custom<ErrorCode>((value) => typeof value === "string"),
  blame: z.custom<Blame>((value) => typeof value === "string"),
  message: text,
  advice: text,
  details: z.record(text, z.unknown()).exactOptional(),
  diagnosis: z.array(text).readonly().exactOptional(),
  at: text.exactOptional(),
});
const verdict = z.enum(["passed", "failed", "broken", "skipped", "aborted"]);
export const outcome = z.object({ verdict, reason: text.exactOptional(), fault: fault.exactOptional() });
const ofCase = { case: text };
const place = { case: text, scenario: text, rig: text };
const whole = z.int();
const count = z.int().min(0);
const rate = z.number().gt(0).lt(1);
const risk = z.number().gt(0).lt(0.5);

const stressPlan = z
  .object({
    scenario: text,
    method: z.enum(["sprt", "fixed"]),
    ...{ p0: rate, p1: rate, alpha: risk, beta: risk },
    most: count.min(1),
    counts: z.enum(["all", "bricked"]),
  })
  .refine(({ p0, p1 }) => p0 < p1, { error: "p0 is not below p1" });

const abPlan = z.object({
  ...{ scenario: text, a: text, b: text },
  cycles: count.min(1),
  ...{ relevance: rate, alpha: risk },
});
const ms = z.number().min(0);
const strapTiming = z.object({ resetMs: ms, setupMs: ms, holdMs: ms, delayMs: ms });

/** Every type of fact as it stands in `events.jsonl` and crosses from a lane; what is more in it is kept. */
export const FACTS = {
  "run.started": z.object({
    wallTime: z.iso.datetime(),
    runId: text,
    harness: text,
    seed: z.number(),
    rigs: z.array(text),
    simulated: z.array(text).exactOptional(),
    cases: whole,
    plan: text.exactOptional(),
    firmwares: z.record(text, text).exactOptional(),
    files: z.record(text, text).exactOptional(),
    shard: z.object({ index: whole, of: whole }).exactOptional(),
    options: z.record(text, z.unknown()).exactOptional(),
    stress: stressPlan.exactOptional(),
    ab: abPlan.exactOptional(),
    sweep: z.object({ axes: z.array(text), working: strapTiming, repeat: count.min(1) }).exactOptional(),
    merged: whole.exactOptional(),
  }),
  "run.resumed": z.object({ wallTime: z.iso.datetime() }),
  "run.warned": z.object({ message: text }),
  "case.started": z.object({ ...place, properties: z.record(text, text) }),
  "step.started": z.object({ ...ofCase, step: text }),
  "step.ended": z.object({ ...ofCase, step: text, ok: z.boolean() }),
  stage: z.object({ ...ofCase, stage: text, ms: z.number(), bytes: whole.exactOptional() }),
  waiting: z.object({ ...ofCase, what: text, mostMs: z.number() }),
  wear: z.object({
    case: text.exactOptional(),
    rig: text.exactOptional(),
    chip: text,
    first: count,
    sectors: count.exactOptional(),
  }),
  measurement: z.object({
    ...ofCase,
    name: text,
    value: z.number(),
    unit: text,
    min: z.number().exactOptional(),
    max: z.number().exactOptional(),
    ok: z.boolean(),
  }),
  attachment: z.object({ ...ofCase, name: text, file: text }),
  note: z.object({
    ...ofCase,
    message: text,
    trouble: z.literal(true).exactOptional(),
    again: z.literal(true).exactOptional(),
  }),
  rung: z.object({ ...ofCase, rung: whole, what: text, ok: z.boolean() }),
  recovered: z.object({ ...ofCase, state: text, rung: whole }),
  control: z.object({ ...ofCase, firmware: text, ok: z.boolean(), fault: fault.exactOptional() }),
  "module.left": z.object({
    rig: text,
    firmware: text.exactOptional(),
    sha256: text.exactOptional(),
    reason: text.exactOptional(),
  }),
  line: z.object({ ...ofCase, line: text, asserted: z.boolean(), heldMs: z.number().exactOptional() }),
  "strap.point": z.object({
    ...ofCase,
    asked: strapTiming,
    held: strapTiming,
    withinMs: ms,
    working: z.boolean(),
    result: z.enum(STRAP_RESULTS),
    observed: z.boolean(),
    evidence: text,
  }),
  "case.retried": z.object({ ...ofCase, rig: text, ...outcome.shape }),
  "case.ended": z.object({
    ...place,
    ...outcome.shape,
  }),
  output: z.object({ ...ofCase, text }),
  stray: z.object({ case: text.exactOptional(), rig: text, fault }),
  "lane.lost": z.object({ rig: text, fault }),
  "lane.leftovers": z.object({ case: text.exactOptional(), rig: text, resources: z.array(text) }),
  "job.begun": z.object({ job: count, delivery: count, rig: text, fence: count, simulated: z.boolean() }),
  "job.ended": z.object({ job: count, delivery: count, rig: text, lost: z.literal(true).exactOptional() }),
  "rig.retired": z.object({ rig: text, fault }),
  "run.ended": z.object({ interrupted: z.boolean() }),
} as const satisfies { [T in Fact["type"]]: z.ZodType<Omit<Extract<Fact, { type: T }>, "type">> };
