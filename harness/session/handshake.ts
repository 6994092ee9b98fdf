import { HarnessError } from "../base/errors.js";
import { hex } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { Rig, Wire } from "../base/wire.js";
import { encodeRequest } from "../protocol/frames.js";
import { BANNER_BAUD } from "./boot.js";
import { BootRom } from "./rom.js";
import { type Start, strap } from "./strap.js";

/**
 * The burst lasts 6 ms at the rate of the line: the vendor's figure for this family. Sister loaders survive 12 ms;
 * what comes later is taken for a command.
 */
const BURST_MS = 6;
/** The ROM pauses 12 ms before it answers; the vendor gathers for 100 ms. */
const GATHER_MS = 100;
/** The vendor's three attempts, each with a strap sequence of its own. */
const ATTEMPTS = 3;
/** The vendor's pause before the first command; seen to work on the modules. */
const SETTLE_MS = 500;
/** Longest answer to a probe of a session that may be open: the vendor waits 100 to 200 ms. */
const PROBE_MS = 200;

/**
 * Straps the module into its boot ROM and greets it at the rig's boot rate. A rig that drives no lines is first asked
 * whether a session is open, at the load rate and at the boot rate: a burst into a live session would stall it.
 *
 * @param start what BOOT asks for; `application` only to show that the ROM does not answer then.
 * @throws HarnessError NOT_IN_ROM when no attempt was answered.
 */
export async function enterRom(rig: Rig, deadline: Deadline, start: Start = "rom"): Promise<BootRom> {
  if (rig.straps === undefined && (await hasSession(rig, deadline))) return new BootRom(rig.wire, rig.allow.efuse);
  const heard: Uint8Array[] = [];
  await rig.wire.setBaud(rig.bootBaud, deadline);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (rig.straps !== undefined) await strap(rig, start, deadline);
    const answer = await greet(rig.wire, deadline);
    if (isOk(answer)) {
      await deadline.sleep(SETTLE_MS);
      return new BootRom(rig.wire, rig.allow.efuse);
    }
    heard.push(answer);
  }
  const seen = Buffer.concat(heard);
  throw notInRom(rig, ATTEMPTS, seen, seen.length > 0 || (await isAlive(rig, deadline)));
}

/**
 * Greets a ROM whose session has ended by itself, at the rate at which the line stands; without a reset.
 *
 * @throws HarnessError NOT_IN_ROM when the burst was not answered.
 */
export async function greetAgain(rig: Rig, deadline: Deadline): Promise<void> {
  const answer = await greet(rig.wire, deadline);
  if (!isOk(answer)) throw notInRom(rig, 1, answer, answer.length > 0);
  await deadline.sleep(SETTLE_MS);
}

/** Sends one burst and returns what came until the line was quiet. */
async function greet(wire: Wire, deadline: Deadline): Promise<Uint8Array> {
  wire.drop();
  await wire.write(new Uint8Array(Math.floor((BURST_MS / 1000) * (wire.baud / 10))).fill(0x55), deadline);
  return gather(wire, deadline, GATHER_MS);
}

/** What arrives until `quietMs` pass without a byte. An answer has two; a babbling line is cut off. */
async function gather(wire: Wire, deadline: Deadline, quietMs: number): Promise<Uint8Array> {
  const most = 1000;
  let heard: Uint8Array = new Uint8Array();
  while (heard.length < most) {
    const chunk = await heardWithin(wire, deadline, quietMs);
    if (chunk.length === 0) break;
    heard = Buffer.concat([heard, chunk]);
  }
  return heard;
}

/** The next bytes, or none when `ms` pass without any. @throws the deadline's error when all time is up. */
async function heardWithin(wire: Wire, deadline: Deadline, ms: number): Promise<Uint8Array> {
  try {
    return await wire.read(deadline.within(ms, "the quiet after the burst"));
  } catch (error) {
    if (error instanceof HarnessError && error.code === "COMMAND_TIMEOUT" && deadline.remainingMs > 0)
      return new Uint8Array();
    throw error;
  }
}

/** Exactly OK, and nothing behind it: text of a boot before it is tolerated, a stray O or K is not an answer. */
const isOk = (answer: Uint8Array): boolean => Buffer.from(answer).subarray(-2).equals(Buffer.from("OK"));

/** Whether a normal boot makes the line move: boot2 and the application talk at a rate of their own. */
async function isAlive(rig: Rig, deadline: Deadline): Promise<boolean> {
  if (rig.straps === undefined) return false;
  await rig.wire.setBaud(BANNER_BAUD, deadline);
  await strap(rig, "application", deadline);
  return (await heardWithin(rig.wire, deadline, rig.timing.bootMs)).length > 0;
}

async function hasSession({ wire, loadBaud, bootBaud }: Rig, deadline: Deadline): Promise<boolean> {
  for (const baud of new Set([loadBaud === "auto" ? bootBaud : loadBaud, bootBaud])) {
    await wire.setBaud(baud, deadline);
    await wire.write(encodeRequest("getBootInfo", {}), deadline);
    const answer = await gather(wire, deadline, PROBE_MS);
    if (Buffer.from(answer).subarray(0, 2).equals(Buffer.from("OK"))) return true;
  }
  return false;
}

/** What a burst that found no ROM tells: text or noise means a module that is alive and runs something else. */
function notInRom({ name, straps, bootBaud }: Rig, bursts: number, heard: Uint8Array, alive: boolean): HarnessError {
  const what = heard.length === 0 ? "the line stayed silent" : `no OK was among what came: ${hex(heard)}`;
  const boots = alive ? "; a normal boot is heard, so the module has power and its TX arrives" : "";
  const advice = straps === undefined ? BY_HAND : alive ? undefined : SILENT_LINE;
  return new HarnessError(
    "NOT_IN_ROM",
    `${name}: the boot ROM did not answer ${bursts} bursts at ${bootBaud} Bd: ${what}${boots}`,
    {
      details: { baud: bootBaud, heard: hex(heard), alive },
      ...(advice !== undefined && { advice }),
    },
  );
}

const BY_HAND =
  "This rig drives no lines: hold BOOT high, pulse CHIP_EN low, release BOOT, and try again. Check TX and RX too.";
/** From the host's side these look alike; the likeliest comes first. */
const SILENT_LINE =
  "Nothing at all was heard, of a normal boot neither. Check TX and RX first: swapped or open, they are silent like this. " +
  "Then BOOT and CHIP_EN (the module has no pull-up there), power and ground.";
