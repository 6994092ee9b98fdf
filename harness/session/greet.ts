import { HarnessError } from "../base/errors.js";
import { hex } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { Wire } from "../base/wire.js";
import { encodeRequest } from "../protocol/frames.js";

/**
 * The burst lasts 6 ms at the rate of the line: the vendor's figure for this family. Sister loaders survive 12 ms;
 * what comes later is taken for a command.
 */
const BURST_MS = 6;
/** The ROM pauses 12 ms before it answers; the vendor gathers for 100 ms. */
const GATHER_MS = 100;
/** The vendor's pause before the first command; seen to work on the modules. */
export const SETTLE_MS = 500;
/** Longest answer to a probe of a session that may be open: the vendor waits 100 to 200 ms. */
const PROBE_MS = 200;

const BURST_BYTE = 0x55;

const NEVER = (_heard: Uint8Array): boolean => false;

/** How many bytes a burst has at a rate. */
export const burstBytes = (baud: number): number => Math.floor((BURST_MS / 1000) * (baud / 10));

/**
 * Sends one burst and returns what came until the line was quiet.
 *
 * @param isEnough ends that sooner. @throws HarnessError LINE_ECHOES.
 */
export async function greet(wire: Wire, deadline: Deadline, isEnough = NEVER): Promise<Uint8Array> {
  wire.drop();
  const burst = new Uint8Array(burstBytes(wire.baud)).fill(BURST_BYTE);
  await wire.write(burst, deadline);
  const heard = await gather(wire, deadline, GATHER_MS, isEnough);
  refuseEcho(wire, heard, burst.length);
  return heard;
}

/**
 * Neither a ROM nor a firmware says 0x55 again and again: half of the burst is ours, though an adapter lost the beginning
 * of it. An echo must be known before anything else is sent: in front of each answer it would look like a bad one.
 */
function refuseEcho(wire: Wire, heard: Uint8Array, sentBytes: number): void {
  const start = heard.indexOf(BURST_BYTE);
  const end = heard.findIndex((byte, at) => at > start && byte !== BURST_BYTE);
  const own = (end < 0 ? heard.length : end) - start;
  if (start >= 0 && own >= sentBytes / 2) throw echoes(wire, `${own} bytes of 0x55`, heard.subarray(start + own));
}

function echoes({ baud }: Wire, what: string, behind: Uint8Array): HarnessError {
  const then = behind.length === 0 ? "and nothing else came" : `and behind them came ${hex(behind)}`;
  return new HarnessError(
    "LINE_ECHOES",
    `the host hears itself at ${baud} Bd: ${what} that it sent came back, ${then}`,
    {
      details: { baud, heard: hex(behind) },
    },
  );
}

/** OK at the end: text of a boot before it is tolerated, a stray O or K is not an answer. */
export const isOk = (answer: Uint8Array): boolean => Buffer.from(answer).subarray(-2).equals(Buffer.from("OK"));

/**
 * Whether a session is open at the line's rate: boot info is answered. What an earlier probe at another rate left in the
 * device's buffer spoils the first one, which is refused then (FL 0103) or swallowed as the rest of another packet.
 *
 * @throws HarnessError LINE_ECHOES.
 */
export async function hasSession(wire: Wire, deadline: Deadline): Promise<boolean> {
  let answer = await probe(wire, deadline);
  if (startsWith(answer, "FL")) answer = await probe(wire, deadline);
  return startsWith(answer, "OK");
}

async function probe(wire: Wire, deadline: Deadline): Promise<Uint8Array> {
  wire.drop();
  const request = encodeRequest("getBootInfo", {});
  await wire.write(request, deadline);
  const heard = await gather(wire, deadline, PROBE_MS);
  if (Buffer.from(heard).subarray(0, request.length).equals(request))
    throw echoes(wire, `the ${request.length} bytes`, heard.subarray(request.length));
  return heard;
}

const startsWith = (answer: Uint8Array, tag: string): boolean =>
  Buffer.from(answer).subarray(0, tag.length).equals(Buffer.from(tag));

/** What arrives until `quietMs` pass without a byte, or it `isEnough`. An answer has two; a babbling line is cut off. */
async function gather(wire: Wire, deadline: Deadline, quietMs: number, isEnough = NEVER): Promise<Uint8Array> {
  const most = 1000;
  let heard: Uint8Array = new Uint8Array();
  while (heard.length < most && !isEnough(heard)) {
    const chunk = await heardWithin(wire, deadline, quietMs);
    if (chunk.length === 0) break;
    heard = Buffer.concat([heard, chunk]);
  }
  return heard;
}

/** The next bytes, or none when `ms` pass without any. @throws the deadline's error when all time is up. */
export async function heardWithin(wire: Wire, deadline: Deadline, ms: number): Promise<Uint8Array> {
  try {
    return await wire.read(deadline.within(ms, "listening"));
  } catch (error) {
    if (error instanceof HarnessError && error.code === "COMMAND_TIMEOUT" && deadline.remainingMs > 0)
      return new Uint8Array();
    throw error;
  }
}
