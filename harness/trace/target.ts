import { closeSync, constants, openSync, readSync } from "node:fs";
import { HarnessError } from "../base/errors.js";
import { refuseUnwritable } from "../base/files.js";
import { unwritable } from "../base/unwritable.js";
import { targetOf } from "../base/write-target.js";

const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
/** What every trace begins with. */
const FIRST = '{"type":"trace"';

/**
 * Told before a rig is touched: whether a trace can be written to `path`. Of what is there only an earlier trace or an
 * empty file is written over: what was named by mistake may be somebody's firmware.
 *
 * @throws HarnessError FILE_UNWRITABLE.
 */
export function refuseTarget(path: string): void {
  refuseUnwritable(path);
  const target = targetOf(path);
  if (target.kind === "stream")
    throw new HarnessError("FILE_UNWRITABLE", `--trace ${path}: expected a file, got this command's own output`);
  if (target.kind !== "file" || target.found === undefined || target.found.size === 0) return;
  if (firstOf(target.path) === FIRST) return;
  throw new HarnessError("FILE_UNWRITABLE", `--trace ${path}: there is a file already, which is no trace`, {
    advice: "Name another file: a trace is only written over an earlier one.",
  });
}

/** @throws HarnessError FILE_UNWRITABLE for a file that cannot be read: nobody knows what would be lost. */
function firstOf(path: string): string {
  const bytes = Buffer.alloc(FIRST.length);
  try {
    const file = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    try {
      return bytes.toString("latin1", 0, readSync(file, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw unwritable(path, cause);
  }
}
