import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import type { BootPlace } from "../firmware/boots-from.js";
import { parseFuses } from "../ncp/answers.js";
import type { At } from "../ncp/at.js";
import { type Identity, identify } from "../ncp/identify.js";
import { proveUpdate } from "../ncp/prove-update.js";
import { update } from "../ncp/update.js";
import type { UpdateFile } from "../ncp/update-file.js";
import { decodeFuses, FUSE_BYTES, type Fuses } from "../protocol/fuses.js";
import { type Observer, SILENT, stopwatch } from "../session/stage.js";
import { tellWear } from "./ota-wear.js";
import { refusalOf } from "./suitable.js";

/** ST's driver asks for 32 at most. */
const FUSES_AT_ONCE = 32;

export interface Applied {
  /** Its chip id, which is its factory MAC; `undefined` where the fuses are not told. */
  readonly module: string | undefined;
  readonly from: string;
  readonly before: BootPlace;
  readonly after: BootPlace;
  /** From the OK of OTAFIN until SPI_RDY of the new firmware. */
  readonly readyMs: number | undefined;
}

/**
 * An update over the air, from what can be known before it to the proof of what runs after it.
 *
 * @throws HarnessError WRONG_MODULE, OTA_UNSUITABLE, MODULE_UNLOCKED, KEY_FOREIGN, ROLLBACK_REFUSED before anything is sent of it;
 * OTA_REFUSED; OTA_NOT_APPLIED; what AT throws.
 */
export async function updateModule(
  at: At,
  file: UpdateFile,
  rig: Pick<Rig, "name" | "allow" | "chipId">,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<Applied> {
  const running = await identify(at, deadline);
  const fuses = await fusesOver(at, deadline);
  refuseOtherModule(rig, fuses);
  refuseOtherProfile(rig.name, running, file);
  refuseUnsuitableUpdate(file, rig, fuses);
  await tellWear(at, fuses?.mac, file, deadline, observer);
  const timed = stopwatch(deadline, observer);
  const { before, readyMs } = await timed(
    "update",
    () => update(at, file, deadline, { progress: (stage, done, total) => observer.progress?.(stage, done, total) }),
    file.bytes.length,
  );
  const proof = await proveUpdate(at, before, file, deadline);
  if (!proof.proven) throw new HarnessError("INTERNAL", `${file.name}: ${proof.reason}`);
  return {
    module: fuses?.mac,
    from: running.version,
    before: { slot: before.active, age: before.age },
    after: { slot: proof.fw.active, age: proof.fw.age },
    readyMs,
  };
}

/** As a session with the boot ROM does, which is told the id itself. */
function refuseOtherModule({ name, chipId }: Pick<Rig, "name" | "chipId">, fuses: Fuses | undefined): void {
  if (chipId === undefined || chipId === fuses?.mac) return;
  const found = fuses?.mac ?? "one that does not tell its fuses over AT";
  throw new HarnessError("WRONG_MODULE", `${name}: expected the module ${chipId}, found ${found}`);
}

/** The header of an update does not tell its profile, and nobody knows what a module makes of another one. */
function refuseOtherProfile(rig: string, running: Identity, { name, profile, version }: UpdateFile): void {
  if (profile === running.profile) return;
  const holds = profile === undefined ? `an image of no profile` : `${profile}@${version}`;
  throw new HarnessError(
    "OTA_UNSUITABLE",
    `${name}: it holds ${holds}, and ${running.profile}@${running.version} runs on ${rig}: an update stays in its profile`,
    { details: { file: profile, running: running.profile } },
  );
}

/** As before a flash over the UART: lock state, key and counter, where the fuses can be read. */
function refuseUnsuitableUpdate(
  { name, image }: UpdateFile,
  rig: Pick<Rig, "name" | "allow">,
  fuses: Fuses | undefined,
): void {
  if (fuses?.signRequired !== true && !rig.allow.unlocked)
    throw new HarnessError(
      "MODULE_UNLOCKED",
      `${rig.name}: the module is not known to be locked, and ${name} is signed`,
    );
  const refusal = fuses && refusalOf([image], fuses, `${rig.name}: its module`);
  if (refusal !== undefined) throw refusal;
}

/** The fuses as the running firmware tells them; `undefined` where it does not. @throws HarnessError what `command` throws. */
export async function fusesOver(at: At, deadline: Deadline): Promise<Fuses | undefined> {
  const bytes = new Uint8Array(FUSE_BYTES);
  try {
    for (let address = 0; address < FUSE_BYTES; address += FUSES_AT_ONCE) {
      const place = address.toString(16).padStart(3, "0");
      const { lines } = await at.command(`AT+EFUSE-R=${FUSES_AT_ONCE},"0x${place}",1`, deadline);
      bytes.set(parseFuses(lines, FUSES_AT_ONCE), address);
    }
  } catch (error) {
    if (error instanceof HarnessError && error.code === "AT_ERROR") return undefined;
    throw error;
  }
  return decodeFuses(bytes);
}
