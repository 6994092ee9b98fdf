import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Wire } from "../base/wire.js";
import { decodeBootInfo } from "../protocol/boot-info.js";
import { type CommandName, rowOf } from "../protocol/commands.js";
import { encodeRequest } from "../protocol/frames.js";
import { CHECKSUM_ERROR, OPCODE_ERROR } from "../protocol/status.js";
import { greet, heardWithin, isOk, SETTLE_MS } from "./greet.js";
import { refusalOf } from "./refusal.js";

/** What comes behind the first bytes of an answer comes at once. */
const QUIET_MS = 200;
/** Two answers are shorter. */
const MOST_BYTES = 200;

/**
 * `done`: the answer came after all; `answers`: the ROM is there, and not busy; `anew`: so it is, in a new session, since the
 * one before has ended, by time or by a reset of the module itself; `silent`: it is gone, or still busy.
 */
type Afterwards = "done" | "answers" | "anew" | "silent";

/**
 * Asks for boot info after `name`, whose answer has no data, was silent. Nothing is reset: a session that the ROM has
 * ended by itself meanwhile is opened anew, at the rate of the line. A late answer to `name` comes before that to boot
 * info and is not taken for it.
 *
 * @throws HarnessError COMMAND_REFUSED when it is a refusal that comes late.
 */
export async function askAfterSilence(wire: Wire, name: CommandName, deadline: Deadline): Promise<Afterwards> {
  const first = await askOnce(wire, deadline);
  if (first.status !== undefined) throw refusalOf({ name, address: undefined }, first.status, wire.baud);
  if (first.oks === 1 && first.isOver) return "done";
  if (first.oks === 1 && first.isInfo) return "answers";
  if (!first.isHeard) {
    if (!isOk(await greet(wire, deadline))) return "silent";
    await deadline.sleep(SETTLE_MS);
    return (await askOnce(wire, deadline)).isInfo ? "anew" : "silent";
  }
  const second = await askOnce(wire, deadline);
  if (!second.isInfo) return "silent";
  // Some devices say OK twice before a length: one that was more than that belongs to `name`.
  return first.oks > second.oks ? "done" : "answers";
}

interface Heard {
  readonly isHeard: boolean;
  /** How many came before anything else. */
  readonly oks: number;
  /** Nothing came behind them. */
  readonly isOver: boolean;
  /** A whole boot info did. */
  readonly isInfo: boolean;
  /** Of a refusal that cannot be meant for boot info. */
  readonly status: number | undefined;
}

async function askOnce(wire: Wire, deadline: Deadline): Promise<Heard> {
  await wire.write(encodeRequest("getBootInfo", {}), deadline);
  let heard: Buffer = Buffer.alloc(0);
  while (heard.length < MOST_BYTES) {
    const patienceMs = heard.length === 0 ? rowOf("getBootInfo").budgetMs : QUIET_MS;
    const chunk = await heardWithin(wire, deadline, patienceMs);
    if (chunk.length === 0) break;
    heard = Buffer.concat([heard, chunk]);
  }
  const [front = "", oks = ""] = /^(?:PD)*((?:OK)*)/.exec(heard.toString("latin1")) ?? [];
  const rest = heard.subarray(front.length);
  const status = rest.length >= 4 && rest.toString("latin1", 0, 2) === "FL" ? rest.readUInt16LE(2) : undefined;
  return {
    isHeard: heard.length > 0,
    oks: oks.length / 2,
    isOver: rest.length === 0,
    isInfo: isBootInfo(rest),
    status: status === CHECKSUM_ERROR || status === OPCODE_ERROR ? undefined : status,
  };
}

/** A length and that many bytes, with all that protects them. */
function isBootInfo(bytes: Buffer): boolean {
  if (bytes.length < 2) return false;
  try {
    decodeBootInfo(bytes.subarray(2, 2 + bytes.readUInt16LE(0)));
    return true;
  } catch (error) {
    if (error instanceof HarnessError) return false;
    throw error;
  }
}
