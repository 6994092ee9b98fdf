import { oneLine } from "../harness/base/clean.js";

export type Labels = Readonly<Record<string, string>>;

interface Family {
  readonly name: string;
  readonly type: "gauge" | "summary";
  readonly help: string;
  /** The last part of `name`. */
  readonly unit?: string;
}

/** The lines that begin a family of the OpenMetrics text format; its samples come next. */
export function family({ name, type, help, unit }: Family): string {
  return `# TYPE ${name} ${type}\n${unit === undefined ? "" : `# UNIT ${name} ${unit}\n`}# HELP ${name} ${help}\n`;
}

export const sample = (name: string, labels: Labels, value: number): string => {
  const told = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${told.length === 0 ? "" : `{${told.join(",")}}`} ${numberOf(value)}\n`;
};

/**
 * `text` as the value of a label, before it is escaped. GitLab cuts each line of a metrics report at the first `#`, also
 * within quotes, and then refuses the whole file: it is another character that looks like it.
 */
export const labelText = (text: string): string => oneLine(text).replaceAll("#", "\uff03");

const escaped = (text: string): string => labelText(text).replace(/["\\]/g, "\\$&");

function numberOf(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}
