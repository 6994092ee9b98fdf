import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { dirname, join, normalize, parse } from "node:path";
import { HarnessError } from "../harness/base/errors.js";
import { writeNew } from "../harness/base/files.js";
import { makeFolder } from "../harness/base/folders.js";
import { reasonOf } from "../harness/base/unwritable.js";
import { isWithin } from "./attachment.js";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;
const CHUNK_BYTES = 256 * 1024;

/**
 * Copies an attachment from the folder of one run into that of another, under its own path or, where that is taken, a
 * numbered one. A journal may come from anywhere: nothing but a plain file that lies in a folder of the run, with no link on
 * the way, is read.
 *
 * @returns its new path, or why it was not copied.
 * @throws HarnessError FILE_UNWRITABLE
 */
export function copyAttachment(from: string, file: string, to: string): { file: string } | { why: string } {
  if (!isWithin(file)) return { why: `${file} leads out of the run's folder` };
  const path = normalize(file);
  if (dirname(path) === ".") return { why: `${file} lies in no folder of the run` };
  const opened = openWithin(from, path);
  if ("why" in opened) return opened;
  try {
    return { file: writeBeside(to, path, opened.fd) };
  } finally {
    closeSync(opened.fd);
  }
}

/** A plain file in a folder, with no link on the way; the caller closes it. */
export function openWithin(folder: string, path: string): { fd: number } | { why: string } {
  let fd: number | undefined;
  try {
    const whole = join(realpathSync(folder), path);
    // What is no file is not even opened: opening a serial port moves its lines.
    if (!lstatSync(whole).isFile()) throw new Error("it is no plain file");
    fd = openSync(whole, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    const found = fstatSync(fd);
    // Asked after it was opened, so that nobody changes the way in between.
    const there = statSync(whole);
    if (realpathSync(whole) !== whole || there.ino !== found.ino || there.dev !== found.dev)
      throw new Error("a link leads there");
    return { fd };
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    return { why: `${path}: ${reasonOf(error)}` };
  }
}

function writeBeside(folder: string, path: string, fd: number): string {
  const { dir, name, ext } = parse(path);
  makeFolder(join(folder, dir));
  for (let count = 1; ; count++) {
    const free = join(dir, count === 1 ? `${name}${ext}` : `${name}-${count}${ext}`);
    try {
      writeNew(join(folder, free), chunksOf(fd));
      return free;
    } catch (error) {
      if (!(error instanceof HarnessError) || (error.cause as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

function* chunksOf(fd: number): Generator<Uint8Array> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let at = 0, got = -1; got !== 0; at += got) {
    got = readSync(fd, chunk, 0, chunk.length, at);
    yield chunk.subarray(0, got);
  }
}
