import { HarnessError } from "../base/errors.js";
import { reasonOf } from "../base/unwritable.js";

export const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown } | undefined)?.code;

const DAMAGED: Readonly<Record<string, string>> = {
  SQLITE_NOTADB: "it is no SQLite database",
  SQLITE_CORRUPT: "it is damaged",
};
const REASONS: Readonly<Record<string, string>> = {
  SQLITE_BUSY: "another process keeps it locked",
  SQLITE_FULL: "the disk is full",
  SQLITE_READONLY: "it cannot be written",
};

export function unusable(file: string, cause: unknown): HarnessError {
  if (cause instanceof HarnessError && cause.code === "HISTORY_UNUSABLE") return cause;
  const code = String(codeOf(cause));
  if (DAMAGED[code] !== undefined) return damaged(file, DAMAGED[code], cause);
  const known = REASONS[code];
  const reason = cause instanceof HarnessError ? cause.message : reasonOf(cause);
  // A file in a folder that may not be written is told by the package without a code.
  const opening = reason.startsWith("ConnectionFailed") ? "it cannot be opened" : undefined;
  return new HarnessError("HISTORY_UNUSABLE", `${file}: ${known ?? opening ?? reason}`, { cause });
}

/** Somebody's own file may have been named by mistake. */
export const mayBePutAside = (file: string): boolean => file.endsWith(".sqlite");

/** `details.damaged`: it cannot be read at all, and nothing is lost by another one in its place. */
export const damaged = (file: string, what: string, cause?: unknown): HarnessError =>
  new HarnessError("HISTORY_UNUSABLE", `${file}: ${what}`, {
    cause,
    details: { damaged: true },
    advice: mayBePutAside(file)
      ? `\`st67-hil history rebuild --history ${file}\` puts it aside, and makes a new one from the runs beside it.`
      : "A file that is not called *.sqlite is hardly a history of ours, and is left alone: name another one.",
  });

export const newer = (file: string, version: number, known: number): HarnessError =>
  new HarnessError("HISTORY_UNUSABLE", `${file}: it has version ${version}, and this st67-hil knows up to ${known}`, {
    advice: "Use the newer st67-hil that wrote it, or another file with --history.",
  });
