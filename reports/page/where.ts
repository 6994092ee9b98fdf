import type { Row } from "../row.js";

/** `in-three-lines` of the diagnosis begins so; its words are ours. */
const DIAGNOSED = /^diagnosis: \S+, at ([a-z0-9 _-]{1,40}):/;
/** What is programmed, and where it lies: `flash t01@2.0.106` and `flash t02@2.0.97` are one stage. */
const LABELS = /\s*\S+@\S+/g;

/** At which stage a case came to its end, as far as its journal tells; the same words for what is the same. */
export function stageOf({ fault, steps, stages }: Pick<Row, "fault" | "steps" | "stages">): string {
  const found = DIAGNOSED.exec(fault?.diagnosis?.[0] ?? "")?.[1];
  if (found !== undefined) return found;
  const told = fault?.details?.["stage"];
  if (typeof told === "string" && told !== "") return told;
  const open = steps.filter(({ ok }) => ok !== true);
  const aside = open[0]?.step.startsWith("set-up: ") || open[0]?.step.startsWith("control: ");
  const step = open.at(-1)?.step.replace(LABELS, "").trim();
  const last = stages.at(-1)?.stage;
  const during = step === undefined || step === "" ? "" : `${aside && !step.includes(":") ? "set-up: " : ""}${step}`;
  const after = last === undefined ? "" : `after ${last.replace(LABELS, "").trim()}`;
  return [during, after].filter((part) => part !== "").join(", ") || "before the first stage";
}
