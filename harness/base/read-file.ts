import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { HarnessError } from "./errors.js";

/** Four times the largest flash: what is far larger was named by mistake. */
export const LARGEST_BYTES = 64 * 1024 * 1024;
/** Opening waits for nobody, and makes no terminal ours. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * A whole file that somebody named: a plain one alone. A pipe would be waited for without an end, a device may have none,
 * and opening a serial port moves its lines, so whatever is no file is not even opened.
 *
 * @param what was expected there, for the message.
 * @throws HarnessError FILE_UNREADABLE; its cause is the system's error, where there was one.
 */
export function readPlainFile(path: string, what: string, mostBytes = LARGEST_BYTES): Buffer {
  const file = openPlainFile(path, what, mostBytes);
  try {
    return readFileSync(file);
  } catch (cause) {
    throw missed(path, what, cause);
  } finally {
    closeSync(file);
  }
}

/** Opens what `readPlainFile` would read. @returns its descriptor, for reading. @throws HarnessError FILE_UNREADABLE. */
export function openPlainFile(path: string, what: string, mostBytes = Number.POSITIVE_INFINITY): number {
  let file: number | undefined;
  try {
    refuseOther(statSync(path), path, what, mostBytes);
    file = openSync(path, FLAGS);
    // Another one may lie there by now.
    refuseOther(fstatSync(file), path, what, mostBytes);
    return file;
  } catch (cause) {
    if (file !== undefined) closeSync(file);
    throw cause instanceof HarnessError ? cause : missed(path, what, cause);
  }
}

/** As `readPlainFile`, or `undefined` where nothing is. */
export function readIfThere(path: string, what: string): Buffer | undefined {
  try {
    return readPlainFile(path, what);
  } catch (error) {
    if (error instanceof HarnessError && isMissing(error.cause)) return undefined;
    throw error;
  }
}

/** @throws HarnessError FILE_UNREADABLE for what is there and no plain file; nothing is opened. */
export function refuseOtherThanFile(path: string, what: string): void {
  try {
    refuseOther(statSync(path), path, what, Number.POSITIVE_INFINITY);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** What lies at `path`, or at the first part of it that is missing, by all but the case of its letters. */
export function inOtherLetters(path: string): string | undefined {
  const [folder, name] = [dirname(path), basename(path)];
  const names = namesIn(folder);
  if (names === undefined) return folder === path ? undefined : inOtherLetters(folder);
  const found = names.find((one) => one !== name && one.toLowerCase() === name.toLowerCase());
  return names.includes(name) || found === undefined ? undefined : `${found}: names are case-sensitive here`;
}

function namesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}

function missed(path: string, what: string, cause: unknown): HarnessError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const other = isMissing(cause) ? inOtherLetters(path) : undefined;
  return unreadable(path, what, other === undefined ? reason : `${reason}; there is ${other}`, cause);
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT";

function refuseOther(stats: Stats, path: string, what: string, mostBytes: number): void {
  if (!stats.isFile()) throw unreadable(path, what, kindOf(stats));
  if (stats.size > mostBytes)
    throw unreadable(path, what, `${stats.size} bytes: more than the ${mostBytes} that are read`);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a pipe";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

const unreadable = (path: string, what: string, found: string, cause?: unknown): HarnessError =>
  new HarnessError("FILE_UNREADABLE", `${path}: expected ${what}, got ${found}`, {
    cause,
    details: { expected: what, found },
  });
