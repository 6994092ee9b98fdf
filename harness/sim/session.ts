import { type CommandName, commandOf, type Request, type Response, rowOf } from "../protocol/commands.js";
import {
  checksumHolds,
  decodeRequest,
  encodeReply,
  encodeResponse,
  type Frame,
  type Reply,
} from "../protocol/frames.js";
import type { Intake } from "./intake.js";
import { Refusal } from "./refusal.js";

/** What a handler may say before it is done. */
interface Answer {
  /** PD: still busy. */
  pending(): Promise<void>;
  /** OK now. Nothing follows when the handler returns; if it refuses after all, that is a second answer. */
  early(): Promise<void>;
  /** No answer at all, unless the handler refuses. */
  withhold(): void;
}

/** One handler a command: a command that is in the table and not simulated does not compile. */
export type Handlers = {
  [N in CommandName]: (request: Request<N>, answer: Answer) => Promise<Response<N>>;
};

/** The idle time-out, as the host may set it. */
export interface Patience {
  idleMs: number;
}

const CHECKSUM_ERROR = 0x0103;
/** So many refusals end a session, whatever went well in between; a wrong checksum does not count. */
const REFUSALS = 3;

interface Parts {
  readonly intake: Intake;
  readonly handlers: Handlers;
  readonly patience: Patience;
  /** So many idle time-outs in a row end the session. */
  readonly idles: number;
  readonly say: (bytes: Uint8Array) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Obeys one command after the other, until the host has been silent or wrong for too long. */
export async function serve({ intake, handlers, patience, idles, say, signal }: Parts): Promise<void> {
  let idle = 0;
  let refusals = 0;
  while (idle < idles && refusals < REFUSALS) {
    const frame = await intake.next(patience.idleMs, signal);
    idle = frame === undefined ? idle + 1 : 0;
    if (frame !== undefined && (await obey(frame, handlers, say))) refusals++;
  }
}

/** @returns whether it was a refusal that counts. */
async function obey(frame: Frame, handlers: Handlers, say: Parts["say"]): Promise<boolean> {
  const name = commandOf(frame.opcode);
  // A refusal looks the same for every command, also for one that is not known.
  const refuse = (status: number) => say(encodeReply("getBootInfo", { kind: "refused", status }));
  if (!checksumHolds(frame)) {
    await refuse(CHECKSUM_ERROR);
    return false;
  }
  if (name === undefined) return false;
  const tell = (reply: Reply) => say(encodeReply(name, reply));
  let told = false;
  const early = () => {
    told = true;
    return tell({ kind: "ok", data: new Uint8Array() });
  };
  try {
    const pending = () => tell({ kind: "pending" });
    const withhold = () => {
      told = true;
    };
    const data = await handle(name, frame.payload, handlers, { pending, early, withhold });
    if (!told) await tell({ kind: "ok", data });
    return false;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await refuse(error.status);
    return true;
  }
}

/** A command without a status for it takes a payload of any length. */
async function handle<N extends CommandName>(name: N, payload: Uint8Array, handlers: Handlers, answer: Answer) {
  const { wrongLength } = rowOf(name);
  const request = decodeRequest(name, wrongLength === undefined ? new Uint8Array() : payload);
  if (request === undefined) throw new Refusal(wrongLength ?? 0);
  return encodeResponse(name, await handlers[name](request, answer));
}
