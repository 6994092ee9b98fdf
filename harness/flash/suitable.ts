import { HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { Image } from "../firmware/image.js";
import type { Session } from "../session/session.js";
import { type Fuses, readFuses } from "./fuses.js";
import type { Plan } from "./plan.js";

/**
 * The last checks before the first erase: what only the module itself can tell. Lock state from boot info; key hash and
 * anti-rollback from the fuses, where they can be read.
 *
 * @throws HarnessError FLASH_TOO_SMALL, MODULE_UNLOCKED, KEY_FOREIGN, ROLLBACK_REFUSED: the module is untouched.
 */
export async function refuseUnsuitable(session: Session, plan: Plan, deadline: Deadline): Promise<void> {
  const { rig, info, jedec } = session;
  if (plan.flashBytes > jedec.flashBytes) {
    throw new HarnessError(
      "FLASH_TOO_SMALL",
      `${rig.name}: ${plan.label} needs ${hexNumber(plan.flashBytes)} bytes, the flash ${jedec.id} has ${hexNumber(jedec.flashBytes)}`,
    );
  }
  if (plan.signed.length === 0) return;
  if (!info.signRequired && !rig.allow.unlocked) {
    throw new HarnessError(
      "MODULE_UNLOCKED",
      `${rig.name}: module ${info.chipId} is not locked, and ${plan.label} is signed`,
    );
  }
  const fuses = await readFuses(session, deadline);
  if (fuses === undefined) return;
  for (const image of plan.signed) refuseImage(image, fuses, `${rig.name}: module ${info.chipId}`);
}

function refuseImage({ name, keyHash, kind, versionBlock }: Image, fuses: Fuses, module: string): void {
  if (fuses.keyHash !== undefined && fuses.keyHash !== keyHash) {
    throw new HarnessError("KEY_FOREIGN", `${name}: expected the key ${fuses.keyHash} of ${module}, found ${keyHash}`, {
      details: { file: name, field: "publicKey", expected: fuses.keyHash, found: keyHash },
    });
  }
  const least = kind === "boot2" ? fuses.antiRollback.boot2 : fuses.antiRollback.application;
  const counter = versionBlock?.antiRollback;
  if (fuses.antiRollback.enabled && counter !== undefined && counter < least) {
    throw new HarnessError(
      "ROLLBACK_REFUSED",
      `${name}: expected an anti-rollback counter of at least ${least} for ${module}, found ${counter}`,
      {
        details: { file: name, field: "antiRollback", expected: least, found: counter },
      },
    );
  }
}
