import { z } from "zod";
import { HarnessError } from "../../base/errors.js";

const texts = z.array(z.string());
const whole = z.int();

/**
 * What decides which cases a run has and how they are run, as it was given: kept in `run.started`, so that a run that was
 * cut off goes on as it began.
 */
const Kept = z.strictObject({
  rig: texts,
  set: texts,
  pattern: texts,
  firmware: z.string(),
  scenarios: texts,
  /** Up to 0.1.0 there was one, and it was a text. */
  suite: z.union([texts, z.literal("smoke").transform((only) => [only])]),
  tag: texts,
  grep: z.string(),
  profile: texts,
  fwVersion: texts,
  repeat: whole,
  shard: z.strictObject({ index: whole, of: whole }),
  timeout: z.number(),
  grace: z.number(),
  deaf: z.number(),
  seed: whole,
  maxFailures: whole,
  retries: whole,
  timeBudget: z.strictObject({ ms: z.number(), shown: z.string() }),
  quarantine: z.string(),
  failOnFlaky: z.boolean(),
  traces: z.enum(["all", "failed"]),
});
const Optional = Kept.partial();
export type Kept = z.infer<typeof Optional>;
type Name = keyof Kept;
const NAMES = Object.keys(Kept.shape) as Name[];

/** Of arguments, those that are kept. */
export function keptOf(args: object): Kept {
  const values = Object.entries(args).filter(([name, value]) => name in Kept.shape && value !== undefined);
  return Object.fromEntries(values) as Kept;
}

/**
 * `args` with what a run kept in place of what they hold.
 *
 * @param defaults what `args` would be if nothing had been given.
 * @throws HarnessError USAGE for an option that is the run's and was given once more; RUN_UNREADABLE.
 */
export function withKept<T extends object>(args: T, kept: unknown, defaults: Readonly<Record<string, unknown>>): T {
  const given = NAMES.filter((name) => {
    const value = (args as Record<string, unknown>)[name];
    return value !== undefined && JSON.stringify(value) !== JSON.stringify(defaults[name]);
  });
  if (given.length > 0) {
    const told = given.map((name) => (name === "pattern" ? "names of cases" : `--${dashed(name)}`));
    throw new HarnessError("USAGE", `--resume: a run goes on with its own options; leave out ${told.join(", ")}`);
  }
  const read = Optional.safeParse(kept);
  if (!read.success) {
    const mistakes = read.error.issues.map(({ path, message }) => `${path.join(".") || "options"}: ${message}`);
    throw new HarnessError(
      "RUN_UNREADABLE",
      `--resume: the run's own options are not known here: ${mistakes.join("; ")}`,
    );
  }
  const none = Object.fromEntries(NAMES.map((name) => [name, undefined]));
  return { ...args, ...none, ...read.data };
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
