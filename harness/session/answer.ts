import { HarnessError } from "../base/errors.js";
import { hex } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { Wire } from "../base/wire.js";
import { type CommandName, rowOf } from "../protocol/commands.js";
import { decodeReply, type Reply } from "../protocol/frames.js";
import { heardWithin } from "./greet.js";

/** A wait that has lasted so long without an answer is told: an erase takes milliseconds, as a rule. */
const SLOW_MS = 3000;

/** How an answer is waited for. */
export interface Wait {
  /** Longest silence, in milliseconds. */
  readonly budgetMs: number;
  /** Is called once, while the answer is still awaited after some seconds. */
  readonly slow?: (() => void) | undefined;
}

interface Answer {
  readonly answer: Exclude<Reply, { kind: "pending" }>;
  /** What came behind it. */
  readonly rest: Uint8Array;
}

/**
 * Reads the answer to `name`, which may begin with the bytes of `start`. Each PD begins the wait anew, until `budgetMs`
 * have passed since the first: the vendor's host gives an erase no longer.
 *
 * @throws HarnessError COMMAND_TIMEOUT with the bytes that were seen; REPLY_MALFORMED.
 */
export async function readAnswer(
  wire: Wire,
  name: CommandName,
  start: Uint8Array,
  deadline: Deadline,
  { budgetMs, slow }: Wait,
): Promise<Answer> {
  const { response } = rowOf(name);
  const busyUntil = deadline.clock.now() + budgetMs;
  const next = telling(wire, slow, deadline);
  let buffer = start;
  for (;;) {
    const found = decodeReply(buffer, response !== undefined);
    if (found === undefined) {
      buffer = Buffer.concat([buffer, await read(wire, name, buffer, deadline, budgetMs, next)]);
    } else {
      buffer = buffer.slice(found.used);
      if (found.reply.kind !== "pending") return { answer: found.reply, rest: buffer };
      if (deadline.clock.now() > busyUntil) throw stillBusy(wire, name, budgetMs);
    }
  }
}

/** Whether one more answer comes: then the one before it belonged to an earlier command. */
export async function anotherComes(
  wire: Wire,
  name: CommandName,
  start: Uint8Array,
  deadline: Deadline,
  budgetMs: number,
): Promise<boolean> {
  try {
    await readAnswer(wire, name, start, deadline, { budgetMs });
    return true;
  } catch (error) {
    if (error instanceof HarnessError && deadline.remainingMs > 0) return false;
    throw error;
  }
}

const stillBusy = ({ baud }: Wire, name: CommandName, budgetMs: number): HarnessError =>
  new HarnessError("COMMAND_TIMEOUT", `${name} at ${baud} Bd: still busy (PD) after ${budgetMs} ms`, {
    details: { command: name, baud, bytes: "5044" },
  });

type Read = (deadline: Deadline) => Promise<Uint8Array>;

/** The wire's `read`; on the way `slow` is called, as soon as the time for that has come. */
function telling(wire: Wire, slow: (() => void) | undefined, { clock }: Deadline): Read {
  let due = slow && clock.now() + SLOW_MS;
  return async (deadline) => {
    if (due !== undefined) {
      const heard = await heardWithin(wire, deadline, due - clock.now());
      if (heard.length > 0) return heard;
      due = undefined;
      slow?.();
    }
    return wire.read(deadline);
  };
}

async function read(
  wire: Wire,
  name: CommandName,
  before: Uint8Array,
  deadline: Deadline,
  budgetMs: number,
  next: Read,
): Promise<Uint8Array> {
  try {
    return await next(deadline.within(budgetMs, name));
  } catch (cause) {
    if (!(cause instanceof HarnessError) || cause.code !== "COMMAND_TIMEOUT") throw cause;
    const seen = before.length === 0 ? "nothing" : `only ${hex(before)}`;
    throw new HarnessError("COMMAND_TIMEOUT", `${name} at ${wire.baud} Bd: ${seen} came in ${budgetMs} ms`, {
      details: { command: name, baud: wire.baud, bytes: hex(before) },
    });
  }
}
