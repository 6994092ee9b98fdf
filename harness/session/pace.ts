import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig, Wire } from "../base/wire.js";
import { SETTLE_MS } from "./greet.js";
import type { BootRom } from "./rom.js";

/** The vendor's pauses behind a change of the rate: 10 ms, then 100 ms before the next command. */
const VENDOR_RATE_SETTLE_MS = 110;
/** An answer to boot info was seen after 2 to 15 ms. */
const SOON_MS = 60;

/** Lines that have had trouble: from then on they get the vendor's pauses. */
const slow = new WeakSet<Wire>();

/** What follows on this line is done at the vendor's pace. */
export const slowDown = ({ wire }: Pick<Rig, "wire">): void => void slow.add(wire);

export const isSlow = ({ wire }: Pick<Rig, "wire">): boolean => slow.has(wire);

/** A session that waits for BOOT as long ends by itself, if the ROM has no longer idle time-out than its own 2 s. */
const LONG_HOLD_MS = 1000;

/** Lines on which a ROM did not hear while BOOT was held: it is not asked so early again. */
const deaf = new WeakSet<Wire>();

export const wasTooEarly = ({ wire }: Pick<Rig, "wire">): void => void deaf.add(wire);

/** From CHIP_EN's rise until a ROM may be greeted while BOOT is still held; `undefined`: only once BOOT is released. */
export function earlyGreetMs({ wire, timing }: Pick<Rig, "wire" | "timing">): number | undefined {
  const { greetMs, strapHoldMs } = timing;
  const isEarly = greetMs !== undefined && greetMs < strapHoldMs && strapHoldMs <= LONG_HOLD_MS;
  return isEarly && !slow.has(wire) && !deaf.has(wire) ? greetMs : undefined;
}

/** `unknown`: it has had the vendor's whole pause, and was not asked since; `garbage`: what came is no answer of a ROM. */
export type Settled = "answers" | "unknown" | "garbage";

/** Behind the ROM's OK: whether it hears by now. */
export const settle = (rom: BootRom, rig: Rig, deadline: Deadline): Promise<Settled> =>
  settledBy(rom, rig, deadline, rig.timing.settleMs, SETTLE_MS);

/** Behind a change of the rate on both sides. */
export const settleRate = (rom: BootRom, rig: Rig, deadline: Deadline): Promise<Settled> =>
  settledBy(rom, rig, deadline, rig.timing.rateSettleMs, VENDOR_RATE_SETTLE_MS);

/**
 * The vendor's pauses are habits: nobody has published what the ROM needs. So boot info, which changes nothing, is asked for
 * early; where its answer stays out the vendor's time is waited out, and the next command asks once more.
 */
async function settledBy(rom: BootRom, rig: Rig, deadline: Deadline, ms: number, vendorMs: number): Promise<Settled> {
  const { clock } = deadline;
  const end = clock.now() + vendorMs;
  const isPatient = isSlow(rig) || ms >= vendorMs;
  await deadline.sleep(isPatient ? Math.max(ms, vendorMs) : ms);
  if (isPatient) return "unknown";
  const answered = await asked(rom, deadline);
  if (answered === "answers") return answered;
  slowDown(rig);
  await deadline.sleep(Math.max(0, end - clock.now()));
  return answered;
}

async function asked(rom: BootRom, deadline: Deadline): Promise<Settled> {
  try {
    rom.toldInfo = (await rom.request("getBootInfo", {}, deadline, { budgetMs: SOON_MS })).data;
    return "answers";
  } catch (error) {
    if (!(error instanceof HarnessError) || deadline.remainingMs === 0) throw error;
    if (error.code === "REPLY_MALFORMED") return "garbage";
    if (["COMMAND_TIMEOUT", "COMMAND_DAMAGED", "COMMAND_REFUSED"].includes(error.code)) return "unknown";
    throw error;
  }
}
