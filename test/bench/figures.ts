import { spawnSync } from "node:child_process";
import { availableParallelism, loadavg } from "node:os";

export const PROGRAM = "dist/harness/cli/main.js";

/** One figure, or, without a value, why there is none; `most`: the bound that must hold. */
export interface Row {
  readonly name: string;
  readonly value?: number;
  readonly unit: string;
  readonly most?: number;
}

/** What belongs together; in the order in which it is told. */
export interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
}

const isKept = ({ value, most }: Row): boolean => value === undefined || most === undefined || value <= most;

export const missedIn = (groups: readonly Group[]): boolean => groups.some(({ rows }) => !rows.every(isKept));

/** Aligned, for people. */
export function tellGroup(key: string, { title, rows }: Group): string {
  const lines = rows.map((row) => {
    const { name, value, unit, most } = row;
    if (value === undefined) return `  ${name}`;
    const bound = most === undefined ? "" : `   at most ${digits(most, unit)}: ${isKept(row) ? "ok" : "MISSED"}`;
    return `  ${name.padEnd(54)}${digits(value, unit).padStart(10)} ${unit.padEnd(4)}${bound}`.trimEnd();
  });
  return ["", `(${key}) ${title}`, ...lines].join("\n");
}

export const describeGroup = (key: string, { title, rows }: Group) => ({
  key,
  title,
  rows: rows.map((row) => ({ ...row, ...(row.most !== undefined && { ok: isKept(row) }) })),
});

const digits = (value: number, unit: string): string => value.toFixed(unit === "x" ? 3 : unit === "" ? 0 : 1);

export const ms = (name: string, value: number, most?: number): Row => rowOf(name, value, "ms", most);
export const mib = (name: string, value: number, most?: number): Row => rowOf(name, value, "MiB", most);
export const ratio = (name: string, value: number, most?: number): Row => rowOf(name, value, "x", most);
export const rowOf = (name: string, value: number, unit: string, most?: number): Row => ({
  name,
  value,
  unit,
  ...(most !== undefined && { most }),
});

export const note = (name: string): Row => ({ name, unit: "" });

export const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[all.length >> 1] ?? Number.NaN;

interface Where {
  readonly cwd?: string;
}

/** Of one process of node, from its start to its end. @throws Error when it fails, with what it said. */
export const timeOf = (args: readonly string[], where?: Where): number => timeOfProgram(process.execPath, args, where);

/** The same of what `sh` makes of a command. */
export const timeOfCommand = (command: string, where?: Where): number => timeOfProgram("sh", ["-c", command], where);

function timeOfProgram(program: string, args: readonly string[], where: Where = {}): number {
  const start = performance.now();
  const { error, status, signal, stdout, stderr } = spawnSync(program, args, {
    ...where,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  const took = performance.now() - start;
  if (error !== undefined) throw error;
  const said = stderr.trim() === "" ? stdout : stderr;
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${signal ?? status}: ${said.slice(-2000)}`);
  return took;
}

/** Somebody else works here, too: what takes real time is worth less then. */
export function busy(): string | undefined {
  const [load = 0] = loadavg();
  const processors = availableParallelism();
  if (load < processors / 2) return undefined;
  return `the load is ${load.toFixed(1)} on ${processors} processors: times of processes and of the paced line are too long`;
}
