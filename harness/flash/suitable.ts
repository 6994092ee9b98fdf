import { HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { Image } from "../firmware/image.js";
import { MODULE_FLASH_BYTES } from "../protocol/flash.js";
import { readJedec, type Session } from "../session/session.js";
import { type Fuses, readFuses } from "./fuses.js";
import type { Plan } from "./plan.js";

/**
 * The last checks before the first erase: what only the module itself can tell. Lock state from boot info; key hash and
 * anti-rollback from the fuses, where they can be read. These answers have no checksum: none is refused on one answer alone.
 *
 * @throws HarnessError FLASH_TOO_SMALL, MODULE_UNLOCKED, KEY_FOREIGN, ROLLBACK_REFUSED: the module is untouched;
 * REPLY_MALFORMED when it says two things.
 */
export async function refuseUnsuitable(session: Session, plan: Plan, deadline: Deadline): Promise<void> {
  const { rig, info } = session;
  await refuseBeyond(session, plan.flashBytes, plan.label, deadline);
  if (plan.signed.length === 0) return;
  if (!info.signRequired && !rig.allow.unlocked) {
    throw new HarnessError(
      "MODULE_UNLOCKED",
      `${rig.name}: module ${info.chipId} is not ${info.loader ? "known to be " : ""}locked, and ${plan.label} is signed`,
    );
  }
  const fuses = await readFuses(session, deadline);
  const refusal = fuses && refusalOf(plan.signed, fuses, `${rig.name}: module ${info.chipId}`);
  if (refusal === undefined) return;
  const again = await readFuses(session, deadline);
  if (again === undefined || !Buffer.from(again.bytes).equals(fuses?.bytes ?? new Uint8Array())) {
    throw twoAnswers(rig.name, "fuses", "one thing", "another");
  }
  throw refusal;
}

/**
 * Addresses that the chip lacks wrap around, and are acknowledged: whatever names a range is held against the flash first.
 * One bit makes a flash twice as large, and no checksum tells: a size other than every module's is asked for once more, and
 * the range must lie in both answers.
 *
 * @param end the first byte that is not meant.
 * @throws HarnessError FLASH_TOO_SMALL; REPLY_MALFORMED when the module says two things of its size.
 */
export async function refuseBeyond(
  { rig, rom, jedec }: Session,
  end: number,
  what: string,
  deadline: Deadline,
): Promise<void> {
  if (jedec.flashBytes === MODULE_FLASH_BYTES && end <= jedec.flashBytes) return;
  const again = await readJedec(rom, deadline);
  if (end <= Math.min(jedec.flashBytes, again.flashBytes)) return;
  if (again.id !== jedec.id) throw twoAnswers(rig.name, "JEDEC id", jedec.id, again.id);
  throw new HarnessError(
    "FLASH_TOO_SMALL",
    `${rig.name}: ${what} needs ${hexNumber(end)} bytes, the flash ${jedec.id} has ${hexNumber(jedec.flashBytes)}`,
  );
}

const twoAnswers = (rig: string, what: string, first: string, second: string): HarnessError =>
  new HarnessError("REPLY_MALFORMED", `${rig}: the ${what} was read twice: ${first}, then ${second}`);

/** Why a module with these fuses takes none of the images. */
export function refusalOf(images: readonly Image[], fuses: Fuses, module: string): HarnessError | undefined {
  for (const { name, keyHash, kind, versionBlock } of images) {
    if (fuses.keyHash !== undefined && fuses.keyHash !== keyHash) {
      return new HarnessError(
        "KEY_FOREIGN",
        `${name}: expected the key ${fuses.keyHash} of ${module}, found ${keyHash}`,
        {
          details: { file: name, field: "publicKey", expected: fuses.keyHash, found: keyHash },
        },
      );
    }
    const least = kind === "boot2" ? fuses.antiRollback.boot2 : fuses.antiRollback.application;
    const counter = versionBlock?.antiRollback;
    if (fuses.antiRollback.enabled && counter !== undefined && counter < least) {
      return new HarnessError(
        "ROLLBACK_REFUSED",
        `${name}: expected an anti-rollback counter of at least ${least} for ${module}, found ${counter}`,
        { details: { file: name, field: "antiRollback", expected: least, found: counter } },
      );
    }
  }
  return undefined;
}
