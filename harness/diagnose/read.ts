import { HarnessError } from "../base/errors.js";
import { decodeText } from "../base/text.js";

/** A log of a whole night of the tool has less; what is far larger was named by mistake. */
export const MOST_BYTES = 16 * 1024 * 1024;

const ANY_STAMP = /\[\d\d:\d\d:\d\d\.\d{3}\]/;

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
  throw new HarnessError("FILE_UNREADABLE", `${name}: expected a log of the vendor's tool, got ${decoded.found}`, {
    details: { expected: "a log of the vendor's tool", found: decoded.found },
    advice: "Name the text that the tool has printed: tool > log.txt 2>&1.",
  });
}
