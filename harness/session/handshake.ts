import { HarnessError } from "../base/errors.js";
import { hex } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { Rig, Wire } from "../base/wire.js";
import { encodeRequest } from "../protocol/frames.js";
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
  if (rig.straps === undefined && (await hasSession(rig, deadline))) return new BootRom(rig.wire);
  const heard: Uint8Array[] = [];
  await rig.wire.setBaud(rig.bootBaud, deadline);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (rig.straps !== undefined) await strap(rig, start, deadline);
    const answer = await greet(rig.wire, deadline);
    if (isOk(answer)) {
      await deadline.sleep(SETTLE_MS);
      return new BootRom(rig.wire);
    }
    heard.push(answer);
  }
  throw notInRom(rig, Buffer.concat(heard));
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
    try {
      heard = Buffer.concat([heard, await wire.read(deadline.within(quietMs, "the quiet after the burst"))]);
    } catch (error) {
      if (error instanceof HarnessError && error.code === "COMMAND_TIMEOUT" && deadline.remainingMs > 0) break;
      throw error;
    }
  }
  return heard;
}

/** Exactly OK, and nothing behind it: text of a boot before it is tolerated, a stray O or K is not an answer. */
const isOk = (answer: Uint8Array): boolean => Buffer.from(answer).subarray(-2).equals(Buffer.from("OK"));

async function hasSession({ wire, loadBaud, bootBaud }: Rig, deadline: Deadline): Promise<boolean> {
  for (const baud of new Set([loadBaud === "auto" ? bootBaud : loadBaud, bootBaud])) {
    await wire.setBaud(baud, deadline);
    await wire.write(encodeRequest("getBootInfo", {}), deadline);
    const answer = await gather(wire, deadline, PROBE_MS);
    if (Buffer.from(answer).subarray(0, 2).equals(Buffer.from("OK"))) return true;
  }
  return false;
}

function notInRom({ name, straps, bootBaud }: Rig, heard: Uint8Array): HarnessError {
  const what = heard.length === 0 ? "the line stayed silent" : `no OK was among what came: ${hex(heard)}`;
  return new HarnessError(
    "NOT_IN_ROM",
    `${name}: the boot ROM did not answer ${ATTEMPTS} bursts at ${bootBaud} Bd: ${what}`,
    {
      details: { baud: bootBaud, heard: hex(heard) },
      ...(straps === undefined && {
        advice:
          "This rig drives no lines: hold BOOT high, pulse CHIP_EN low, release BOOT, and try again. Check TX and RX too.",
      }),
    },
  );
}
