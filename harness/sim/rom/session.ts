import { type CommandName, commandOf, type Request, type Response, rowOf } from "../../protocol/commands.js";
import {
  checksumHolds,
  decodeRequest,
  encodeReply,
  encodeResponse,
  type Frame,
  type Reply,
} from "../../protocol/frames.js";
import { spoilt } from "../faults/answers.js";
import type { Faults } from "../faults/faults.js";
import type { Fault } from "../faults/options.js";
import type { Intake } from "../line/intake.js";
import { type Quirks, ROM_A0 } from "../quirks.js";
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

const OPCODE_ERROR = 0x0101;
const CHECKSUM_ERROR = 0x0103;
const OK = Uint8Array.of(0x4f, 0x4b);
/** So many idle time-outs in a row end a session. */
const IDLES = 2;
/** So many refusals end a session, whatever went well in between; a wrong checksum does not count. */
const REFUSALS = 3;

interface Parts {
  readonly intake: Intake;
  readonly handlers: Handlers;
  readonly patience: Patience;
  readonly quirks: Quirks;
  readonly faults: Faults;
  /** Spends time, in ms. */
  readonly take: (ms: number) => Promise<void>;
  readonly say: (bytes: Uint8Array) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Obeys one command after the other, until the host has been silent or wrong for too long. */
export async function serve(given: Parts): Promise<void> {
  const { intake, patience, quirks, signal } = given;
  const say = async (bytes: Uint8Array) => {
    await given.say(bytes);
    intake.taken();
  };
  const parts = { ...given, say };
  const idles = quirks.firstIdleEnds ? 1 : IDLES;
  let idle = 0;
  let refusals = 0;
  while (idle < idles && refusals < REFUSALS) {
    const frame = await intake.next(patience.idleMs, signal);
    idle = frame === undefined ? idle + 1 : 0;
    if (frame !== undefined && (await obey(frame, parts))) refusals++;
  }
}

/** @returns whether it was a refusal that counts. */
async function obey(frame: Frame, parts: Parts): Promise<boolean> {
  const { handlers, quirks } = parts;
  const name = knownAs(frame.opcode, quirks);
  const refuse = (status: number) => parts.say(refusal(status));
  if (!checksumHolds(frame) && !(name === "getBootInfo" && !quirks.bootInfoChecksum)) {
    await refuse(CHECKSUM_ERROR);
    return false;
  }
  if (name === undefined) {
    if (quirks.unknownOpcode === "refused") await refuse(OPCODE_ERROR);
    return quirks.unknownOpcode === "refused";
  }
  const struck = parts.faults.command(name);
  const say = spoilt(parts.say, struck, parts);
  const twice = quirks.doubleOk && rowOf(name).response !== undefined;
  const tell = (reply: Reply) => {
    const bytes = encodeReply(name, reply);
    return say(twice && reply.kind === "ok" ? Buffer.concat([OK, bytes]) : bytes);
  };
  let told = false;
  const early = () => {
    told = true;
    return tell({ kind: "ok", data: new Uint8Array() });
  };
  try {
    befall(struck, parts);
    const pending = () => tell({ kind: "pending" });
    const withhold = () => {
      told = true;
    };
    const data = await handle(name, frame.payload, handlers, { pending, early, withhold });
    if (!told) await tell({ kind: "ok", data });
    return false;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await say(refusal(error.status));
    return true;
  }
}

/** It looks the same for every command, also for one that is not known. */
const refusal = (status: number): Uint8Array => encodeReply("getBootInfo", { kind: "refused", status });

/** The faults of a command that has been taken, up to where it would be carried out. */
function befall(struck: readonly Fault[], { faults, signal }: Parts): void {
  for (const fault of struck) {
    faults.strike(fault);
    signal.throwIfAborted();
    if (typeof fault.do === "object") throw new Refusal(fault.do.refuse);
  }
}

/** `undefined`: this device does not know it. */
function knownAs(opcode: number, { lacks, romVersion }: Quirks): CommandName | undefined {
  const name = commandOf(opcode);
  const lacking = lacks.includes(opcode) || (romVersion === ROM_A0 && name === "setIdleTimeout");
  return lacking ? undefined : name;
}

/** A command without a status for it takes a payload of any length. */
async function handle<N extends CommandName>(name: N, payload: Uint8Array, handlers: Handlers, answer: Answer) {
  const { wrongLength } = rowOf(name);
  const request = decodeRequest(name, wrongLength === undefined ? new Uint8Array() : payload);
  if (request === undefined) throw new Refusal(wrongLength ?? 0);
  return encodeResponse(name, await handlers[name](request, answer));
}
