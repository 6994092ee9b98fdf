import { stripVTControlCharacters } from "node:util";

/**
 * `text` as every report may show it: without terminal colours, with what XML 1.0 forbids or discourages written
 * out (`\x1b`, `\ud800`). Line breaks are `\n`.
 */
export function clean(text: string): string {
  const lines = stripVTControlCharacters(text).replace(/\r\n?/g, "\n");
  return lines.replace(/\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/gu, (c) =>
    c === "\n" || c === "\t" || c === "\x85" ? c : written(c),
  );
}

/** `clean` in ASCII alone, for logs that may be read by anything. */
export const ascii = (text: string): string =>
  clean(text)
    .replaceAll("…", "...")
    .replace(/[^\n\t\x20-\x7e]/gu, (c) => written(c));

export const firstLine = (text: string): string => clean(text).trimStart().split("\n", 1)[0] ?? "";

/** Seconds with one decimal: `12.3 s`. */
export const duration = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function written(c: string): string {
  const code = c.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
}
