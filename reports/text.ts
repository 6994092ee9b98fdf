import { clean, written } from "../harness/base/clean.js";

/** `clean` in ASCII alone, for logs that may be read by anything. */
export const ascii = (text: string): string =>
  clean(text)
    .replaceAll("…", "...")
    .replace(/[^\n\t\x20-\x7e]/gu, (c) => written(c));

export const firstLine = (text: string): string => clean(text).trimStart().split("\n", 1)[0] ?? "";

/** Seconds with one decimal: `12.3 s`. */
export const duration = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
