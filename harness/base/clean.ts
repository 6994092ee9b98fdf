import { stripVTControlCharacters } from "node:util";

/**
 * What a terminal obeys instead of showing it, or does not show at all: controls (also C1: U+009B begins a sequence as
 * ESC [ does), half characters, marks that turn the direction of what is beside them, line ends of other alphabets,
 * characters without a width.
 */
const UNSHOWN =
  /\p{Cc}|\p{Cs}|[\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\uFFFE\uFFFF\u{E0000}-\u{E007F}]/gu;

/**
 * `text` from anywhere as a terminal, a log or a report may show it: without terminal sequences, what else would not be
 * shown written out (`\x1b`, `\ud800`, `\u202e`). Line breaks are `\n`, and stay as tabs do.
 */
export function clean(text: string): string {
  const lines = stripVTControlCharacters(text).replace(/\r\n?/g, "\n");
  return lines.replace(UNSHOWN, (c) => (c === "\n" || c === "\t" ? c : written(c)));
}

/** `clean` for what has one line to itself: a name with a line break must not look like two. */
export const oneLine = (text: string): string => clean(text).replace(/[\n\t]/g, (c) => (c === "\n" ? "\\n" : "\\t"));

/** `value` as JSON that a terminal may show: the same value, with more of it escaped than JSON asks for. */
export const jsonOf = (value: unknown, indent?: number): string =>
  (JSON.stringify(value, undefined, indent) ?? "null").replace(UNSHOWN, (c) => (c === "\n" ? c : escaped(c)));

/** A character in ASCII, for people. */
export function written(c: string): string {
  const code = c.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
}

const escaped = (c: string): string =>
  Array.from({ length: c.length }, (_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, "0")}`).join("");
