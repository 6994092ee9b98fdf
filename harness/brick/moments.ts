import type { Plan } from "../flash/plan.js";
import type { Step } from "../flash/step.js";

const STAGES = ["handshake", "set-para", "erase", "write-check", "hash", "boot"] as const;
const PERCENTS = [10, 50, 90] as const;

type Write = Extract<Step, { op: "write" }>;

/**
 * When a flash is interrupted: the first time that it comes to a stage, or so far into what goes over the line of one
 * file. Percents are of the bytes on the line, compressed where the file is; `lateMs`: the command with that byte has left
 * whole, and the module is at work on it for so long.
 */
export type Moment =
  | { readonly stage: (typeof STAGES)[number] }
  | { readonly stage: "write"; readonly file: string; readonly percent: number; readonly lateMs?: number };

/** For what no compiler has seen. */
export function isMoment(value: unknown): value is Moment {
  const { stage, file, percent, lateMs = 0 } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (stage !== "write") return (STAGES as readonly unknown[]).includes(stage);
  const isLate = typeof lateMs === "number" && lateMs >= 0 && Number.isFinite(lateMs);
  return typeof file === "string" && typeof percent === "number" && percent >= 0 && percent <= 100 && isLate;
}

/** All moments of a plan, in the order in which a flash comes to them. */
export function momentsOf(plan: Plan): Moment[] {
  const files = [...new Set(writesOf(plan).map(({ file }) => file))];
  const writes = files.flatMap((file) => PERCENTS.map((percent): Moment => ({ stage: "write", file, percent })));
  return STAGES.flatMap((stage): Moment[] => [
    ...(stage === "write-check" ? writes : []),
    ...(stage === "erase" && !plan.steps.some(({ op }) => op.startsWith("erase")) ? [] : [{ stage }]),
  ]);
}

/** `write firmware 50%`, as names of cases have it. */
export function tellMoment(moment: Moment): string {
  if (moment.stage !== "write") return moment.stage.replace("-", " ");
  const { file, percent, lateMs } = moment;
  const late = lateMs === undefined ? "" : `, ${round(lateMs)} ms at work`;
  return `write ${CALLED[file] ?? file} ${round(percent)}%${late}`;
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** The vendor's section of the firmware. */
const CALLED: Readonly<Record<string, string>> = { FW: "firmware" };

/** The writes of a plan, and where in a file's bytes on the line each of them begins: skipped ranges cut a file in parts. */
export const writesOf = ({ steps }: Plan): Write[] => steps.filter((step) => step.op === "write");
