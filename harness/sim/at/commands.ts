import type { Board } from "../rom/rom.js";
import type { RomFlash } from "../rom/rom-flash.js";
import { FUSE_BYTES } from "../silicon/fuses.js";
import { AtError } from "./error.js";
import { macs, netMode, partitions, partNumber, versions } from "./identity.js";
import type { Inbox } from "./inbox.js";
import { OtaReceiver } from "./ota.js";
import type { Talk } from "./talk.js";

/** What an update's chunk holds at most. */
const CHUNK_BYTES = 4096;

/** What commands work on, and what they leave to the next one. */
export interface Session {
  readonly board: Board;
  /** Of the firmware that runs. */
  readonly body: Uint8Array;
  readonly flash: RomFlash;
  readonly talk: Talk;
  readonly inbox: Inbox;
  readonly until: <T>(work: Promise<T>) => Promise<T>;
  echo: boolean;
  update: OtaReceiver | undefined;
}

/** What follows a command: OK; OK and a reset; or nothing, as it has ended by itself. */
export type Ending = "ok" | "restart" | "ended";
type Handler = (session: Session, ...values: string[]) => Ending | Promise<Ending>;

/** The commands that we know answers of. All others, and those that wipe and burn, get ERROR and do nothing. */
const COMMANDS: readonly (readonly [pattern: RegExp, handler: Handler])[] = [
  [/^AT$/, () => "ok"],
  [/^ATE([01])$/, echo],
  [/^AT\+GMR$/, ({ talk, board, body }) => told(talk, versions(body, board.options.ncp))],
  [/^AT\+CWNETMODE\?$/, ({ talk, board, body }) => told(talk, [netModeLine(board, body)])],
  [/^AT\+PART\?$/, ({ talk, board }) => told(talk, partitions(board))],
  [/^AT\+EFUSE-R=(\d{1,3}),"0x([0-9a-fA-F]{1,3})"(?:,[01])?$/, fuses],
  [/^AT\+GMAC\?$/, ({ talk, board }) => told(talk, macs(board.silicon.fuses))],
  [/^AT\+PN\?$/, ({ talk, board }) => told(talk, [partNumber(board.silicon.fuses)])],
  [/^AT\+VBAT\?$/, ({ talk, board }) => told(talk, [`+VBAT:${board.options.ncp.vbatMv}`])],
  [/^AT\+RST$/, () => "restart"],
  [/^AT\+OTASTART\?$/, ({ talk, update }) => told(talk, [`+OTASTART:${update === undefined ? 0 : 1}`])],
  [/^AT\+OTASTART=([01])$/, start],
  [/^AT\+OTASEND=(\d{1,5})$/, send],
  [/^AT\+OTAFIN$/, finish],
];

/** @throws AtError for what is unknown or fails. Refusal where the flash does. */
export function obey(session: Session, command: string): Ending | Promise<Ending> {
  for (const [pattern, handler] of COMMANDS) {
    const [whole, ...values] = pattern.exec(command) ?? [];
    if (whole !== undefined) return handler(session, ...values);
  }
  throw new AtError("unknown");
}

function told(talk: Talk, lines: readonly string[]): Ending {
  for (const line of lines) talk.line(line);
  return "ok";
}

const netModeLine = ({ options }: Board, body: Uint8Array): string =>
  `+CWNETMODE:${netMode(body, options.ncp.netMode)}`;

function echo(session: Session, on = ""): Ending {
  session.echo = on === "1";
  return "ok";
}

/** The bytes as they are, whatever they look like. */
function fuses({ board, talk }: Session, count = "", at = ""): Ending {
  const [bytes, address] = [Number(count), Number.parseInt(at, 16)];
  if (bytes === 0 || address + bytes > FUSE_BYTES) throw new AtError("range");
  talk.say(`+EFUSE-R:${bytes},`);
  talk.say(Buffer.concat([board.silicon.fuses.read(address, bytes), Buffer.from("\r\n")]));
  return "ok";
}

function start(session: Session, on = ""): Ending {
  const { board, flash, body } = session;
  session.update = on === "1" ? new OtaReceiver(board, flash, body) : undefined;
  return "ok";
}

/** The data is no command, whatever it looks like. */
async function send({ update, talk, inbox, board, until }: Session, count = ""): Promise<Ending> {
  const bytes = Number(count);
  if (update === undefined || bytes < update.firstChunkBytes || bytes > CHUNK_BYTES) throw new AtError("chunk");
  const data = inbox.take(bytes);
  talk.end("OK");
  talk.say(">");
  talk.flush();
  await update.take(await until(data));
  talk.line(`Recv ${bytes} bytes`);
  if (board.options.ncp.sendOk) talk.end("SEND OK");
  talk.flush();
  return "ended";
}

async function finish({ update }: Session): Promise<Ending> {
  if (update === undefined) throw new AtError("no update");
  await update.finish();
  return "restart";
}
