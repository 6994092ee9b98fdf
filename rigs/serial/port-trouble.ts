import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { HarnessError } from "../../harness/base/errors.js";
import { told } from "../../harness/base/files.js";
import { userName } from "../../harness/base/user.js";
import { holdersOf } from "./holders.js";

const FIND = "List what is plugged in with `ls -l /dev/serial/by-id`, and correct serial.path in the rig file.";
/** Owner of serial ports on Debian and its children. */
const USUAL_GROUP = "dialout";

/**
 * Checks what can be known of a port without opening it: that would raise its DTR and RTS.
 *
 * @throws HarnessError PORT_UNAVAILABLE
 */
export function checkPort(path: string): void {
  try {
    if (!statSync(path).isCharacterDevice()) {
      throw unavailable(path, "expected a serial port, found a file or folder", FIND);
    }
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw cause instanceof HarnessError ? cause : openingError(path, cause);
  }
}

/** Why a port did not open, in our words. The package tells errors of the system by their text alone. */
export function openingError(path: string, cause: unknown): HarnessError {
  const text = messageOf(cause);
  if (/No such file|No such device|does not exist/i.test(text)) {
    return unavailable(path, "no such port: it is not plugged in, or has another name", FIND, cause);
  }
  if (/permission denied|EACCES/i.test(text)) {
    const group = groupOf(path);
    const advice = `Run \`sudo usermod -aG ${group} ${userName()}\`, then log out and in again.`;
    return unavailable(path, `this user may not read and write it; members of the group ${group} may`, advice, cause);
  }
  if (/lock|busy/i.test(text)) {
    const holders = holdersOf(told(() => realpathSync(path))).map(({ pid, command }) => `${command} (pid ${pid})`);
    const who = holders.length === 0 ? "another program" : holders.join(", ");
    const advice = "End what uses the port: a terminal program, a login shell, ModemManager or another st67-hil.";
    return unavailable(path, `in use by ${who}`, advice, cause);
  }
  return unavailable(path, text, undefined, cause);
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function unavailable(path: string, why: string, advice?: string, cause?: unknown): HarnessError {
  const options = { ...(cause !== undefined && { cause }), ...(advice !== undefined && { advice }) };
  return new HarnessError("PORT_UNAVAILABLE", `${path}: the port cannot be opened: ${why}`, options);
}

function groupOf(path: string): string {
  const gid = told(() => statSync(path).gid);
  const groups = told(() => readFileSync("/etc/group", "utf8")) ?? "";
  return (
    groups
      .split("\n")
      .find((line) => line.split(":")[2] === String(gid))
      ?.split(":")[0] ?? USUAL_GROUP
  );
}
