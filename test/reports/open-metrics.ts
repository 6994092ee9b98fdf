/** One line of an OpenMetrics text: its labels unescaped. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const META = /^# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[^"\\]|"(?:[^"\\\n]|\\["\\n])*")*)\})? ([^ ]+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(,|$)/y;
const VALUE = /^(?:[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[+-]Inf|NaN)$/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = { gauge: [""], summary: ["", "_count", "_sum"] };

/** A small parser of the format, as strict as the specification; it knows gauges and summaries. @throws Error what is wrong. */
export function parseOpenMetrics(text: string): Sample[] {
  if (!text.endsWith("\n# EOF\n")) throw new Error("it does not end with # EOF");
  if (/\p{Surrogate}/u.test(text)) throw new Error("half a character");
  const samples: Sample[] = [];
  const [series, families] = [new Set<string>(), new Set<string>()];
  let [current, type, told] = ["", "", new Set<string>()];
  for (const line of text.slice(0, -"# EOF\n".length).trimEnd().split("\n")) {
    const [, kind, family = "", content = ""] = META.exec(line) ?? [];
    if (kind !== undefined) {
      if (family !== current) {
        if (families.has(family)) throw new Error(`${family} comes in two places`);
        families.add(family);
        [current, type, told] = [family, "", new Set()];
      }
      if (told.has(kind) || told.has("sample"))
        throw new Error(`${kind} of ${family} is not at its beginning, or twice`);
      told.add(kind);
      if (kind === "TYPE") type = content;
      if (kind === "UNIT" && !family.endsWith(`_${content}`)) throw new Error(`${family} does not end with its unit`);
      continue;
    }
    const [, name, labelText = "", value = ""] = SAMPLE.exec(line) ?? [];
    if (name === undefined || !VALUE.test(value)) throw new Error(`not a sample: ${line}`);
    if (!SUFFIXES[type]?.some((suffix) => name === current + suffix)) throw new Error(`${name} is not of ${current}`);
    told.add("sample");
    const labels = labelsOf(labelText, line);
    if (type === "summary" && (name === current) !== "quantile" in labels) throw new Error(`quantile: ${line}`);
    const key = `${name}${JSON.stringify(Object.entries(labels).sort())}`;
    if (series.has(key)) throw new Error(`twice: ${line}`);
    series.add(key);
    samples.push({ name, labels, value: Number(value.replace("Inf", "Infinity")) });
  }
  return samples;
}

function labelsOf(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (LABEL.lastIndex = 0; LABEL.lastIndex < text.length; ) {
    const [, label, value = ""] = LABEL.exec(text) ?? [];
    if (label === undefined || label in labels) throw new Error(`labels: ${line}`);
    labels[label] = value.replace(/\\(["\\n])/g, (_, c: string) => (c === "n" ? "\n" : c));
  }
  return labels;
}
