import { HarnessError } from "./errors.js";

/** What kept `path` from being written, by the system's own reason. What is ours already is let pass. */
export function unwritable(path: string, cause: unknown): HarnessError {
  if (cause instanceof HarnessError) return cause;
  const why = codeOf(cause) === "ENOENT" ? "its folder is missing" : "cannot be written";
  return new HarnessError("FILE_UNWRITABLE", `${path}: ${why}: ${reasonOf(cause)}`, { cause });
}

/** `ENOSPC: no space left on device`: without the call and the paths that Node puts behind it. */
export function reasonOf(cause: unknown): string {
  const { message } = cause as Partial<Error>;
  if (message === undefined) return String(cause);
  return codeOf(cause) === undefined ? message : message.replace(/, .*/s, "");
}

const codeOf = (cause: unknown): string | undefined => (cause as NodeJS.ErrnoException).code;
