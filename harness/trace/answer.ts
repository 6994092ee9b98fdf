import { HarnessError } from "../base/errors.js";
import { type CommandName, rowOf } from "../protocol/commands.js";
import { decodeReply } from "../protocol/frames.js";
import { statusText } from "../protocol/status.js";
import type { Answer, Burst } from "./exchanges.js";

/** An answer, and how much of what came it took. */
export interface Found {
  readonly answer: Answer;
  readonly pendings: number;
  readonly used: number;
}

/** What `received` says to the command `name`. */
export function answerIn(name: CommandName, received: Uint8Array): Found {
  const hasData = rowOf(name).response !== undefined;
  let used = 0;
  for (let pendings = 0; ; pendings++) {
    const found = replyIn(received.subarray(used), hasData);
    if (found === undefined) {
      const whole = used === received.length;
      const kind = !whole ? "malformed" : pendings > 0 ? "pending" : "silence";
      return { answer: { kind }, pendings, used: received.length };
    }
    used += found.used;
    const { reply } = found;
    if (reply.kind === "ok") return { answer: reply, pendings, used };
    if (reply.kind === "refused") return { answer: { ...reply, text: statusText(reply.status) }, pendings, used };
  }
}

function replyIn(bytes: Uint8Array, hasData: boolean): ReturnType<typeof decodeReply> {
  try {
    return decodeReply(bytes, hasData);
  } catch (error) {
    if (error instanceof HarnessError) return undefined;
    throw error;
  }
}

/** boot2's answer to a stream of 0x55: a text in boot2 8.1.9. */
const BOOT2_READY = "Boot2 ISP Ready";

/** Text of a boot before the OK is tolerated, as by the host. boot2 answers by a text of its own, which is the data then. */
export function greetingIn(received: Uint8Array): Burst["answer"] {
  if (received.length === 0) return { kind: "silence" };
  if (Buffer.from(received).includes(BOOT2_READY)) return { kind: "ok", data: received };
  const isOk = Buffer.from(received).subarray(-2).equals(Buffer.from("OK"));
  return isOk ? { kind: "ok", data: new Uint8Array() } : { kind: "malformed" };
}
