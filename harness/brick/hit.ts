import type { Plan } from "../flash/plan.js";
import { type CommandName, commandOf, FIRST_CHUNK } from "../protocol/commands.js";
import { decodeFrame, decodeRequest } from "../protocol/frames.js";
import { type Moment, writesOf } from "./moments.js";

/** Where a frame is struck: behind so many of its bytes, or once it has left and the module is at work. */
export interface Hit {
  /** At least 1, and less than the frame has. */
  readonly bytes: number;
  /** For how long the module is at work then, in milliseconds. */
  readonly lateMs: number | undefined;
}

/** How long a command that has left is at work when it is struck: the shortest erase that was seen takes 6.3 ms. */
const AT_WORK_MS = 3;

/** Of the header of a write and its address: the data lies behind them. */
const BEFORE_DATA = 8;
const BURST_BYTE = 0x55;

const COMMANDS = {
  "set-para": ["flashSetPara"],
  erase: ["flashErase", "flashChipErase"],
  "write-check": ["flashWriteCheck"],
  hash: ["flashXipReadSha", "flashReadSha"],
} as const satisfies Record<string, readonly CommandName[]>;

/** Whether what the host is about to write is what `moment` waits for, and where it is struck then. */
export function hitOf(moment: Moment, plan: Plan, written: Uint8Array): Hit | undefined {
  const middle = Math.floor(written.length / 2);
  switch (moment.stage) {
    case "handshake":
      return written.every((byte) => byte === BURST_BYTE) ? { bytes: middle, lateMs: undefined } : undefined;
    case "write": {
      const bytes = inWrite(moment, plan, written);
      return bytes === undefined ? undefined : { bytes, lateMs: moment.lateMs };
    }
    case "boot":
      return undefined;
    default: {
      const names: readonly (string | undefined)[] = COMMANDS[moment.stage];
      const isIt = names.includes(commandOf(written[0] ?? 0));
      return isIt ? { bytes: middle, lateMs: moment.stage === "set-para" ? undefined : AT_WORK_MS } : undefined;
    }
  }
}

/** The byte of a write's frame before which it is struck; `undefined`: the moment does not lie in this frame. */
function inWrite(
  { file, percent }: Extract<Moment, { stage: "write" }>,
  plan: Plan,
  written: Uint8Array,
): number | undefined {
  const name = commandOf(written[0] ?? 0);
  if (name !== "flashWrite" && name !== "flashDecompressWrite") return undefined;
  const frame = decodeFrame(written)?.frame;
  const request = frame && decodeRequest(name, frame.payload);
  if (request === undefined) return undefined;
  const address = name === "flashWrite" ? request.address : request.address & ~FIRST_CHUNK;
  const parts = writesOf(plan).filter((write) => write.file === file);
  const lineBytes = parts.map(({ plain, payload }) => (name === "flashWrite" ? plain : payload).length);
  const total = lineBytes.reduce((sum, bytes) => sum + bytes, 0);
  const wanted = Math.min(total - 1, Math.floor((total * percent) / 100));
  let before = 0;
  for (const [index, part] of parts.entries()) {
    const at = wanted - before - (address - part.address);
    const isPart = address >= part.address && address < part.address + part.bytes;
    if (isPart && at >= 0 && at < request.data.length) return BEFORE_DATA + at;
    before += lineBytes[index] ?? 0;
  }
  return undefined;
}
