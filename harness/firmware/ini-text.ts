import { decodeText, oddIn } from "../base/text.js";
import { type Flaw, flawed } from "./flaw.js";
import { type FlashIni, parseFlashIni } from "./ini.js";

/**
 * Reads the bytes of a flash configuration. A comment may be in any encoding: ST's users write theirs on every kind of
 * machine. Names and values that are not text are refused: a guess at them could name another file.
 *
 * @throws HarnessError INI_INVALID, as `parseFlashIni`.
 */
export function readFlashIni(bytes: Uint8Array, file: string): FlashIni {
  const decoded = decodeText(bytes);
  if (decoded.text === undefined)
    throw flawed("INI_INVALID", file, [{ field: "content", expected: "an ini file", found: decoded.found }], {
      advice: SAVE_AS,
    });
  const { text, offsetOf } = decoded;
  const flaws: Flaw[] = [];
  let line = 0;
  for (const { 0: raw, index } of text.matchAll(/[^\r\n]*(?:\r\n|\r|\n|$)/g)) {
    line++;
    const odd = /^\s*[;#]/.test(raw) ? undefined : oddIn(raw);
    if (odd === undefined) continue;
    const offset = offsetOf(index + odd.index);
    flaws.push({ field: `line ${line}`, offset, expected: "UTF-8 outside of comments", found: odd.told });
  }
  if (flaws.length > 0) throw flawed("INI_INVALID", file, flaws, { advice: SAVE_AS });
  return parseFlashIni(text, file);
}

const SAVE_AS = "Save the file as UTF-8. Compare with the ini files of the vendor's package.";
