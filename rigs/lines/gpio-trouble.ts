import { HarnessError } from "../../harness/base/errors.js";
import { userName } from "../../harness/base/user.js";
import { messageOf } from "../serial/port-trouble.js";

const GROUP_ADVICE = `Run \`sudo usermod -aG gpio ${userName()}\`, then log out and in again.`;

/** `path` exists, and this user may not use it. */
export const noAccess = (what: string, path: string, cause?: unknown): HarnessError =>
  gpioUnavailable(`${what}: this user may not read and write ${path}; members of the group gpio may`, {
    cause,
    advice: GROUP_ADVICE,
  });

/**
 * Why the system did not open `path`, or did not take what was written to it.
 *
 * @param holder who has the line, asked only when somebody has.
 */
export function gpioError(what: string, path: string, cause: unknown, holder: () => string): HarnessError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EACCES" || code === "EPERM") return noAccess(what, path, cause);
  if (code === "EBUSY") {
    const advice = "End what uses the line, or take it out of config.txt or the device tree; or choose another line.";
    return gpioUnavailable(`${what}: held by ${holder()}`, { cause, advice });
  }
  if (code === "ENOENT") {
    const advice = "This kernel has no GPIO for files: use the line driver chardev in the rig file.";
    return gpioUnavailable(`${what}: ${path} does not exist`, { cause, advice });
  }
  return gpioUnavailable(`${what}: ${messageOf(cause)}`, { cause });
}

export const gpioUnavailable = (message: string, options: { cause?: unknown; advice?: string } = {}): HarnessError =>
  new HarnessError("GPIO_UNAVAILABLE", message, options);
