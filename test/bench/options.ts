import { parseArgs } from "node:util";

export interface BenchOptions {
  readonly json: boolean;
  readonly runs: number;
  /** The letters of those that are wanted; none: all. */
  readonly groups: readonly string[];
  /** Another flasher's command, `{port}` in it. */
  readonly beside?: string;
}

const PORT = "{port}";
/** The group that sets another flasher beside ours. */
const BESIDE_GROUP = "a";

/** @throws Error for what would measure nothing, or something else than was meant. */
export function benchOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const { values, positionals: groups } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      runs: { type: "string", default: "5" },
      beside: { type: "string" },
    },
  });
  const { json, beside } = values;
  const stranger = groups.find((group) => !known.includes(group));
  if (stranger !== undefined) throw new Error(`expected groups among ${known.join(" ")}, got ${stranger}`);
  if (!/^[1-9]\d{0,3}$/.test(values.runs)) throw new Error(`--runs: expected 1 to 9999, got ${values.runs}`);
  const runs = Number(values.runs);
  if (beside === undefined) return { json, runs, groups };
  if (!beside.includes(PORT)) throw new Error(`--beside: expected a command with ${PORT} in it, got ${beside}`);
  if (groups.length > 0 && !groups.includes(BESIDE_GROUP))
    throw new Error(`--beside: group ${BESIDE_GROUP} alone has it, got ${groups.join(" ")}`);
  return { json, runs, groups, beside };
}

/** The command for the module at `port`. */
export const commandAt = (port: string, command: string): string => command.replaceAll(PORT, () => port);
