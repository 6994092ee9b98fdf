import { shown } from "./junit-xml.js";
import type { CaseEntry } from "./row.js";

/** GitLab reads no file of more than 30 MB; this is what the elements of the cases and suites may come to. */
const FILE_BYTES = 28_000_000;
/** What a suite takes beside its cases. */
const SUITE_BYTES = 1000;
/** What a case takes at most where there is room: its output, and as much again. */
const SHORT_BYTES = 4000;
const LONG_BYTES = 180_000;

/** How many bytes of the file a case may take. */
export type Share = (entry: CaseEntry) => number;

/** Cases that passed, or were skipped, with nothing behind it need little, so the others have what they leave. */
export function sharesOf(entries: readonly CaseEntry[], suites: number): Share {
  const room = Math.max(0, FILE_BYTES - suites * SUITE_BYTES);
  const quiet = entries.filter(isQuiet).length;
  const short = Math.min(SHORT_BYTES, room / Math.max(1, entries.length));
  const long = Math.min(LONG_BYTES, (room - short * quiet) / Math.max(1, entries.length - quiet));
  return (entry) => Math.floor(isQuiet(entry) ? short : Math.max(short, long));
}

const isQuiet = ({ verdict, flaky }: CaseEntry): boolean =>
  verdict === "skipped" || (verdict === "passed" && flaky === undefined);

/** What `text` takes in the file, escaped: as an attribute, `"` and line breaks are, too. */
export function bytesOf(text: string, where: "text" | "attribute" = "text"): number {
  const escaped = where === "text" ? /[&<>]/g : /[&<"\n\t]/g;
  return Buffer.byteLength(text) + LONGEST_ESCAPE * (text.match(escaped)?.length ?? 0);
}
/** `&quot;` less what it stands for. */
const LONGEST_ESCAPE = 5;

/** `text` as it will be shown, or as much of it as `bytes` of the file hold. */
export function fittedText(text: string, bytes: number, where: "text" | "attribute" = "text"): string {
  const whole = shown(text);
  if (bytesOf(whole, where) <= bytes) return whole;
  let left = bytes - bytesOf("…", where);
  let end = 0;
  for (const c of whole) {
    left -= bytesOf(c, where);
    if (left < 0) break;
    end += c.length;
  }
  return end === 0 ? "" : `${whole.slice(0, end)}…`;
}

/** As many lines as fit into `bytes` of the file, as they will be shown, and how many `what` were left out. */
export function fittedLines(lines: readonly string[], bytes: number, what = "lines"): readonly string[] {
  const LEFT_OUT_BYTES = 50;
  const all = lines.map(shown);
  if (all.reduce((sum, line) => sum + bytesOf(line) + 1, 0) <= bytes) return all;
  const kept: string[] = [];
  let left = bytes - LEFT_OUT_BYTES;
  for (const line of all) {
    left -= bytesOf(line) + 1;
    if (left < 0) break;
    kept.push(line);
  }
  return bytes < LEFT_OUT_BYTES ? [] : [...kept, `(${all.length - kept.length} more ${what} in the report)`];
}
