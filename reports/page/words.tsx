import type { ComponentChildren } from "preact";
import { oneLine } from "../../harness/base/clean.js";
import type { Verdict } from "../../harness/base/events.js";

/** A text from anywhere on one line, and no longer than a page can bear. */
export function short(text: string, mostChars = 160): string {
  const line = oneLine(text).trim();
  return line.length > mostChars ? `${line.slice(0, mostChars).replace(/[\ud800-\udbff]$/, "")}…` : line || "(none)";
}

/** A text of several lines, its middle left out where it is long. */
export function longText(text: string, mostChars = 8000): string {
  if (text.length <= mostChars) return text;
  const half = mostChars / 2;
  const [head, tail] = [text.slice(0, half), text.slice(-half)];
  const left = text.length - head.length - tail.length;
  return `${head.replace(/[\ud800-\udbff]$/, "")}\n… ${left} characters are left out here …\n${tail.replace(/^[\udc00-\udfff]/, "")}`;
}

/** Milliseconds as people read them. */
export function time(ms: number): string {
  if (ms < 10) return `${Number(ms.toFixed(2))} ms`;
  if (ms < 1000) return `${ms.toFixed(0)} ms`;
  if (ms < 100_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

/** `2026-11-28 19:22 UTC`; what is no time as it is. */
export function when(wallTime: string): string {
  const ms = Date.parse(wallTime);
  return Number.isNaN(ms) ? short(wallTime) : `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** A mark beside the word: colour alone tells nobody who sees none. */
export const SIGNS: Readonly<Record<Verdict, string>> = {
  passed: "✓",
  failed: "✗",
  broken: "!",
  skipped: "–",
  aborted: "■",
};

export const Badge = ({ verdict }: { readonly verdict: Verdict }) => (
  <span class={`badge ${verdict}`}>
    <span aria-hidden="true">{SIGNS[verdict]}</span> {verdict}
  </span>
);

export const Name = ({ text }: { readonly text: string }) => <span class="name">{short(text)}</span>;

interface SectionProps {
  readonly id: string;
  readonly title: string;
  readonly children: ComponentChildren;
}

/** A part of the page that may be led to. */
export const Section = ({ id, title, children }: SectionProps) => (
  <section id={id} aria-labelledby={`${id}-title`}>
    <h2 id={`${id}-title`}>{title}</h2>
    {children}
  </section>
);

/** What is wider than a phone is moved within itself, by the keyboard too. */
export const Wide = ({ label, children }: { readonly label: string; readonly children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
  <section class="wide" tabIndex={0} aria-label={label}>
    {children}
  </section>
);

/** A text as it is. What scrolls is reached by the keyboard, too. */
export const Pre = ({ children, look }: { readonly children: ComponentChildren; readonly look?: string }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
  <pre class={look} tabIndex={0}>
    {children}
  </pre>
);
