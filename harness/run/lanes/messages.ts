import { z } from "zod";
import type { Fact } from "../../base/events.js";
import { FACTS, fault, outcome } from "../../base/fact-schema.js";
import { LAST_RUNG } from "../../recover/rung.js";

/** A case as it crosses from a lane: data alone. Whoever runs it looks it up by its name. */
export const CaseData = z.object({
  name: z.string(),
  scenario: z.string(),
  /** The file that it came from; none for a scenario that ships. */
  file: z.string().optional(),
  tags: z.array(z.string()),
  needs: z.array(z.string()),
  timeoutMs: z.number(),
  /** Labels of the firmwares that it programs, in order. */
  firmwares: z.array(z.string()),
  /** Of what it must find on the module, and of what it leaves there. */
  before: z.string().optional(),
  after: z.string().optional(),
});
export type CaseData = z.infer<typeof CaseData>;

/** What the dispatcher wants of a lane. One at a time, but for `stop`, `ping` and `answer`. */
const Order = z.discriminatedUnion("type", [
  /** Load the scenarios that ship, and these files; tell the cases of all but the lazy ones that nobody `asked` for. */
  z.object({
    type: z.literal("load"),
    shipped: z.boolean(),
    files: z.array(z.string()),
    asked: z.array(z.array(z.string())),
  }),
  /** Take the rig: its locks and its watchdog. `check`: also open it once and make it safe. */
  z.object({ type: z.literal("open"), check: z.boolean() }),
  /** Run the case `name`, which is called `as` in this run; `attempt`: from 1 on; `isBeforeJudged`: see `Chosen`; `traces`: whose are kept; `ladder`: in place of the scenario's. */
  z.object({
    type: z.literal("run"),
    name: z.string(),
    as: z.string(),
    attempt: z.int(),
    isBeforeJudged: z.boolean(),
    traces: z.enum(["all", "failed"]),
    ladder: z.int().min(0).max(LAST_RUNG).exactOptional(),
  }),
  /** Tell the firmwares of these labels by what is signed of them. */
  z.object({ type: z.literal("identify"), labels: z.array(z.string()) }),
  /** Tell what is on the module; `restore`: the rig's known-good firmware is put there first, unless it is there. */
  z.object({ type: z.literal("conclude"), restore: z.boolean() }),
  /** Call off whatever is under way. */
  z.object({ type: z.literal("stop"), reason: fault }),
  z.object({ type: z.literal("ping") }),
  /** The person at the terminal pressed Enter, or cannot any more. */
  z.object({ type: z.literal("answer"), id: z.int(), ok: z.boolean() }),
  /** Let go of the rig and end. */
  z.object({ type: z.literal("end") }),
]);
export type Order = z.infer<typeof Order>;

export const AnyFact = z.custom<Fact>((value) => {
  const type = (value as { type?: unknown } | null)?.type;
  return typeof type === "string" && Object.hasOwn(FACTS, type) && FACTS[type as Fact["type"]].safeParse(value).success;
});

/** What a lane tells the dispatcher. */
const Report = z.discriminatedUnion("type", [
  z.object({ type: z.literal("loading"), file: z.string() }),
  z.object({ type: z.literal("refused"), file: z.string(), fault }),
  z.object({ type: z.literal("loaded"), cases: z.array(CaseData) }),
  /**
   * SHA-256 of what is signed: by label; and, by file name, of what else goes with them, of all bytes where nothing is
   * signed. Without those that cannot be read.
   */
  z.object({
    type: z.literal("identified"),
    firmwares: z.record(z.string(), z.string()),
    files: z.record(z.string(), z.string()),
    known: z.union([z.object({ label: z.string() }), z.object({ trouble: z.string() })]),
  }),
  z.object({ type: z.literal("opened") }),
  /** Something happened, at `atMs` on the rig's clock. */
  z.object({ type: z.literal("fact"), atMs: z.number(), fact: AnyFact }),
  /**
   * The case has ended and its rig is safe, or retired. `left`: what is there of it; `spent`: this process is fit for no
   * further case.
   */
  z.object({
    type: z.literal("ended"),
    atMs: z.number(),
    outcome,
    retired: z.boolean(),
    left: z.array(z.string()),
    spent: z.boolean(),
  }),
  /** For the person at the terminal. */
  z.object({ type: z.literal("tell"), text: z.string() }),
  z.object({ type: z.literal("ask"), id: z.int(), prompt: z.string() }),
  z.object({ type: z.literal("pong") }),
  /** What was ordered cannot be done, and the lane is of no use. */
  z.object({ type: z.literal("unfit"), fault }),
  z.object({ type: z.literal("concluded") }),
  z.object({ type: z.literal("left"), resources: z.array(z.string()) }),
]);
export type Report = z.infer<typeof Report>;

/**
 * One line of the channel: the lane's token, then JSON. The token is known to the two ends alone, so that nothing a
 * scenario writes into the pipe, by chance or on purpose, is taken for a report.
 */
export const encode = (token: string, message: Order | Report): string => `${token} ${JSON.stringify(message)}\n`;

const decode =
  <T>(schema: z.ZodType<T>) =>
  (token: string, line: string): T | undefined => {
    if (!line.startsWith(`${token} `)) return undefined;
    try {
      return schema.parse(JSON.parse(line.slice(token.length + 1)));
    } catch {
      return undefined;
    }
  };

/** `undefined` for whatever is no order. */
export const decodeOrder = decode(Order);

/** `undefined` for whatever is no report of this lane. */
export const decodeReport = decode(Report);

/** Cuts what arrives into lines; what is longer than `most` characters without an end is no line of ours. */
export class Lines {
  #rest = "";
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** @returns the lines that are whole now; `undefined` when one is too long. */
  add(text: string): string[] | undefined {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    return this.#rest.length > this.#most ? undefined : lines;
  }
}
