import { HarnessError } from "../base/errors.js";
import { hex, hexNumber } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { FUSE_BYTES } from "../protocol/fuses.js";
import type { Session } from "../session/session.js";
import { type Observer, SILENT, stopwatch } from "../session/stage.js";
import { readLocked } from "./efuse-locks.js";
import { type EfusePlan, type FuseWrite, refuseForbidden } from "./efuse-plan.js";
import { readFuses } from "./fuses.js";

/** What a burn has come to. */
export interface Burnt {
  /** Write commands that were sent; 0 when the fuses held everything before. */
  readonly writes: number;
  /** What was burned and is now read-locked: whether it took cannot be seen. */
  readonly unverified: readonly string[];
}

/**
 * All 512 bytes of fuses, to make a plan on.
 *
 * @throws HarnessError PLAN_INVALID when the module does not tell them: what a burn would do could not be known.
 */
export async function fusesForPlan(session: Session, deadline: Deadline): Promise<Uint8Array> {
  const fuses = await readFuses(session, deadline);
  if (fuses !== undefined) return fuses.bytes;
  throw new HarnessError("PLAN_INVALID", `${moduleOf(session)}: expected its fuses, and it does not tell them`, {
    advice: "Without them nobody can say what a burn would do, and none is made. Leave --efuse away.",
  });
}

/**
 * Burns fuses, which nothing undoes. They are read once more right before, each write is sent once and never again, and
 * the result is read back: of each byte all wanted bits must be 1.
 *
 * @param chipId the module that may be burned, as 12 hex digits: the caller's own word, never what the module says.
 * @throws HarnessError USAGE when the rig file does not allow it; WRONG_MODULE; PLAN_INVALID when something forbids the
 * plan, or the fuses are not those that it was made on: no fuse was burned then. VERIFY_MISMATCH; what `request` throws.
 */
export async function burnEfuses(
  session: Session,
  plan: EfusePlan,
  chipId: string,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<Burnt> {
  refuseUnarmed(session, chipId);
  refuseForbidden(plan, moduleOf(session));
  if (plan.writes.length === 0) return { writes: 0, unverified: [] };
  refuseStale(session, plan, await fusesForPlan(session, deadline));
  const timed = stopwatch(deadline, observer);
  for (const [index, write] of plan.writes.entries()) {
    const what = `fuses at ${hexNumber(write.address)}, write ${index + 1} of ${plan.writes.length}`;
    await timed(what, () => burn(session, write, what, deadline));
  }
  const unverified = await timed("read fuses back", () => verify(session, plan, deadline));
  return { writes: plan.writes.length, unverified };
}

/** The consent of a rig file and of a caller, one as needed as the other. @throws HarnessError USAGE, WRONG_MODULE. */
export function refuseUnarmed({ rig, info }: Session, chipId: string): void {
  refuseUnallowed(rig);
  if (chipId !== info.chipId) throw otherModule(rig.name, chipId, info.chipId);
}

/** What can be said before the rig is opened. @throws HarnessError USAGE. */
export function refuseUnallowed({ name, allow }: Pick<Rig, "name" | "allow">): void {
  if (allow.efuse) return;
  throw new HarnessError("USAGE", `${name}: expected allow.efuse: true, got false: no fuse may be burned here`, {
    advice: "Set allow.efuse in the rig file, and only for modules that you may lose.",
  });
}

export const otherModule = (rig: string, expected: string, found: string): HarnessError =>
  new HarnessError("WRONG_MODULE", `${rig}: expected the module ${expected}, found ${found}`, {
    advice: "No fuse was burned. Put the module that --chip-id names on the bench.",
  });

function refuseStale(session: Session, { current }: EfusePlan, now: Uint8Array): void {
  const at = current.findIndex((byte, index) => byte !== now[index]);
  if (at < 0) return;
  const [expected, found] = [current, now].map((bytes) => hex(bytes.subarray(at, at + 4)));
  throw new HarnessError(
    "PLAN_INVALID",
    `${moduleOf(session)}: fuses at ${hexNumber(at)}: expected ${expected}, as when the burn was planned, found ${found}`,
    { advice: "No fuse was burned. Look at the changes once more: the module is not what it was." },
  );
}

async function burn({ rom }: Session, { address, data }: FuseWrite, what: string, deadline: Deadline): Promise<void> {
  try {
    await rom.request("efuseWrite", { address, data }, deadline);
  } catch (cause) {
    if (!(cause instanceof HarnessError)) throw cause;
    throw new HarnessError(cause.code, `${what}: ${cause.message}`, {
      cause,
      details: { ...cause.details, address },
      advice:
        "It is not sent again. Some of its bits may be fused: look with `chip info`, and at the changes once more.",
    });
  }
}

/** @returns what is read-locked by now and reads as zeros. */
async function verify(session: Session, { wanted }: EfusePlan, deadline: Deadline): Promise<string[]> {
  const { data: found } = await session.rom.request("efuseRead", { address: 0, length: FUSE_BYTES }, deadline);
  if (found.length !== FUSE_BYTES)
    throw new HarnessError(
      "REPLY_MALFORMED",
      `efuseRead: expected ${FUSE_BYTES} bytes, got ${found.length}: ${hex(found)}`,
    );
  const locked = readLocked(found);
  const isLocked = (at: number) => locked.some((region) => at >= region.at && at < region.at + region.bytes);
  const at = wanted.findIndex((byte, index) => (byte & ~(found[index] ?? 0)) !== 0 && !isLocked(index));
  if (at >= 0) {
    const word = at - (at % 4);
    const [expected, got] = [wanted, found].map((bytes) => hex(bytes.subarray(word, word + 4)));
    throw new HarnessError(
      "VERIFY_MISMATCH",
      `${moduleOf(session)}: fuses at ${hexNumber(word)}: expected the bits ${expected}, found ${got}`,
      {
        details: { address: word, expected, found: got },
        advice: "Fuses were burned, and these did not take. What did cannot be undone: look with `chip info`.",
      },
    );
  }
  return locked
    .filter((region) => wanted.subarray(region.at, region.at + region.bytes).some((byte) => byte !== 0))
    .map(({ name }) => name);
}

const moduleOf = ({ rig, info }: Session): string => `${rig.name}: module ${info.chipId}`;
