import { type ErrorCode, HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import { type Entered, identify } from "../session/session.js";
import type { Observer } from "../session/stage.js";

/** Silence and damage: what a line that is too fast, too long or badly grounded brings. */
const LINK_TROUBLE: readonly ErrorCode[] = [
  "COMMAND_TIMEOUT",
  "COMMAND_DAMAGED",
  "REPLY_MALFORMED",
  "BOOT_INFO_CORRUPT",
];

/**
 * What damaged bytes can look like beside it: a refusal of a command that was never sent (no checksum covers an opcode),
 * bytes in the flash that are not the file's.
 */
const MAY_BE_THE_LINE: readonly ErrorCode[] = [...LINK_TROUBLE, "COMMAND_REFUSED", "VERIFY_MISMATCH"];

export const isLinkTrouble = (error: unknown): error is HarnessError =>
  error instanceof HarnessError && LINK_TROUBLE.includes(error.code);

/** Whether it counts only once it has come twice. */
export const mayBeTheLine = (error: unknown): error is HarnessError =>
  error instanceof HarnessError && MAY_BE_THE_LINE.includes(error.code);

export const isRefusal = (error: unknown): error is HarnessError =>
  error instanceof HarnessError && error.code === "COMMAND_REFUSED";

/** Set-para met silence: the first sign of a rate that is too high, and of a module that does not answer it. */
export const isSetParaSilence = ({ code, details }: HarnessError): boolean =>
  code === "COMMAND_TIMEOUT" && details["command"] === "flashSetPara" && details["bytes"] === "";

/** Work that begins with a reset, begun once more when its trouble may have been the line's, or is what `worth` says. */
export async function onceMore<T>(
  name: string,
  deadline: Deadline,
  observer: Observer,
  work: () => Promise<T>,
  worth: (error: unknown) => error is HarnessError = mayBeTheLine,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!worth(error) || deadline.signal.aborted || deadline.remainingMs === 0) throw error;
    observer.note?.(`${name}: ${error.message}; begun again`, "again");
    return work();
  }
}

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

export const setParaSilent = (
  { rig, info }: Entered,
  cause: HarnessError,
  flash = "the flash was not touched",
): HarnessError =>
  new HarnessError(
    "SET_PARA_SILENT",
    `${rig.name}: module ${info.chipId} answers boot info at ${rig.wire.baud} Bd, and not set-para: the line is good, ${flash}`,
    { cause, details: { baud: rig.wire.baud, chipId: info.chipId } },
  );

/** At a rate that works: a module that answers boot info there and not set-para is told from a line that is dead. */
export async function toldApart(entered: Entered, trouble: HarnessError, deadline: Deadline): Promise<HarnessError> {
  return isSetParaSilence(trouble) && (await answers(entered, deadline)) ? setParaSilent(entered, trouble) : trouble;
}
