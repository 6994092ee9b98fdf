import { closeSync, readSync } from "node:fs";
import { HarnessError } from "../base/errors.js";
import { openPlainFile, readPlainFile } from "../base/read-file.js";
import { decodeText } from "../base/text.js";
import { parseTrace, readTrace } from "../trace/read.js";
import type { Evidence } from "./evidence.js";
import { evidenceOfLog } from "./log.js";
import { evidenceOfTrace } from "./trace.js";

/** What a diagnosis can be made of. */
export const EXPECTED = "a log of the vendor's tool or a trace";

/** A log of a whole night of the tool has less; what is far larger was named by mistake. */
export const MOST_BYTES = 16 * 1024 * 1024;

const TRACE_BEGINS = '{"type":"trace"';
const ANY_STAMP = /\[\d\d:\d\d:\d\d\.\d{3}\]/;

/** What is found, and how its places are called. */
export interface Found {
  readonly evidence: readonly Evidence[];
  readonly places: "line" | "exchange";
}

/** @throws HarnessError FILE_UNREADABLE; TRACE_UNREADABLE for what begins as a trace and is none. */
export function evidenceInFile(path: string): Found {
  if (firstOf(path) === TRACE_BEGINS) return { evidence: evidenceOfTrace(readTrace(path)), places: "exchange" };
  return evidenceIn(readPlainFile(path, EXPECTED, MOST_BYTES), path);
}

/** @throws as `evidenceInFile`. */
export function evidenceIn(bytes: Uint8Array, name: string): Found {
  const isTrace = Buffer.from(bytes.subarray(0, TRACE_BEGINS.length)).toString("latin1") === TRACE_BEGINS;
  return isTrace
    ? { evidence: evidenceOfTrace(parseTrace(bytes, name)), places: "exchange" }
    : { evidence: evidenceOfLog(textOf(bytes, name)), places: "line" };
}

function firstOf(path: string): string {
  const file = openPlainFile(path, EXPECTED);
  try {
    const bytes = Buffer.alloc(TRACE_BEGINS.length);
    return bytes.toString("latin1", 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

/**
 * The text of a file that may hold a log. Zeros in it do no harm where the tool's times are beside them: a module may have
 * talked on the same terminal, and PowerShell writes two bytes a letter.
 *
 * @throws HarnessError FILE_UNREADABLE for what is no text.
 */
export function textOf(bytes: Uint8Array, name: string): string {
  const decoded = decodeText(bytes);
  if (decoded.text !== undefined) return decoded.text;
  const rest = Buffer.from(bytes).toString("latin1").replaceAll("\0", "");
  if (ANY_STAMP.test(rest)) return rest;
  throw new HarnessError("FILE_UNREADABLE", `${name}: expected ${EXPECTED}, got ${decoded.found}`, {
    details: { expected: EXPECTED, found: decoded.found },
    advice: "Name the text that the tool has printed (tool > log.txt 2>&1), or a file that --trace wrote.",
  });
}
