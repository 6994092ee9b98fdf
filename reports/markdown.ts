import { oneLine } from "../harness/base/clean.js";

/**
 * A text from anywhere as a code span: there, nothing is markup, a link, a mention or an issue. A `|` would end the cell of
 * a table even within one, so it is another character that looks like it.
 */
export function code(text: string, mostChars = 200): string {
  const line = oneLine(text).replaceAll("|", "\u00a6").trim();
  const shown = line.length > mostChars ? `${wholeChars(line.slice(0, mostChars)).trimEnd()}…` : line;
  if (shown === "") return "(none)";
  const runs = new Set([...shown.matchAll(/`+/g)].map(([run]) => run.length));
  let ticks = 1;
  while (runs.has(ticks)) ticks += 1;
  const fence = "`".repeat(ticks);
  const pad = shown.startsWith("`") || shown.endsWith("`") ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** A cut may go through a character of two halves. */
const wholeChars = (text: string): string => text.replace(/[\ud800-\udbff]$/, "");

/** Cells are Markdown. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  row(head),
  row(head.map(() => "---")),
  ...rows.map(row),
];

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
