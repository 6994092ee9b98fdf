import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const TRACING = "/sys/kernel/tracing";
const LINE = /\s(\d+\.\d+): gpio_(?:value: (\d+) set ([01])|direction: (\d+)\s+in \(0\))\s*$/;

/** What the kernel did to a line: drove it, or made it an input. */
export interface Change {
  /** On the kernel's monotonic clock, to a microsecond. */
  readonly atMs: number;
  /** Of the line, as sysfs counts. */
  readonly number: number;
  readonly to: "high" | "low" | "input";
}

/** The changes in a trace of the kernel's GPIO events; all else in it is passed over. */
export function parseTrace(text: string): Change[] {
  return text.split("\n").flatMap((line): Change[] => {
    const [, seconds, driven, value, input] = LINE.exec(line) ?? [];
    if (seconds === undefined) return [];
    const atMs = Math.round(Number(seconds) * 1e6) / 1e3;
    if (driven !== undefined) return [{ atMs, number: Number(driven), to: value === "1" ? "high" : "low" }];
    return [{ atMs, number: Number(input), to: "input" }];
  });
}

/** One of the kernel's trace buffers, with its GPIO events; readings are left out, which are many. */
export class Trace {
  readonly #folder: string;

  /** @param instance a buffer of its own; none: the kernel's first one. */
  constructor(instance?: string) {
    this.#folder = instance === undefined ? TRACING : join(TRACING, "instances", instance);
    mkdirSync(this.#folder, { recursive: true });
    this.#write("trace_clock", "mono");
    this.#write("events/gpio/gpio_value/filter", "get == 0");
    this.#write("events/gpio/enable", "1");
  }

  clear(): void {
    this.#write("trace", "");
  }

  changes(): Change[] {
    return parseTrace(readFileSync(join(this.#folder, "trace"), "utf8"));
  }

  /** Its entries as they come, each once. */
  get pipe(): string {
    return join(this.#folder, "trace_pipe");
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.#folder, name), text);
  }
}
