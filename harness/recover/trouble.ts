import { type ErrorCode, HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import { type Entered, identify } from "../session/session.js";

/** Silence and damage: what a line that is too fast, too long or badly grounded brings. */
const LINK_TROUBLE: readonly ErrorCode[] = [
  "COMMAND_TIMEOUT",
  "COMMAND_DAMAGED",
  "REPLY_MALFORMED",
  "BOOT_INFO_CORRUPT",
];

export const isLinkTrouble = (error: unknown): error is HarnessError =>
  error instanceof HarnessError && LINK_TROUBLE.includes(error.code);

/** Whether the module still answers at the line's rate: boot info has a CRC, so a yes is worth something. */
export async function answers({ rig, rom }: Entered, deadline: Deadline): Promise<boolean> {
  try {
    await identify(rig, rom, deadline);
    return true;
  } catch (error) {
    if (isLinkTrouble(error)) return false;
    throw error;
  }
}

export const setParaSilent = ({ rig, info }: Entered, cause: HarnessError): HarnessError =>
  new HarnessError(
    "SET_PARA_SILENT",
    `${rig.name}: module ${info.chipId} answers boot info at ${rig.wire.baud} Bd, and not set-para: the line is good, the flash was not touched`,
    { cause, details: { baud: rig.wire.baud, chipId: info.chipId } },
  );
