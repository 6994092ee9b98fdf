import type { Deadline } from "../../base/time.js";
import type { Rig } from "../../base/wire.js";
import type { Observer } from "../../session/stage.js";
import { print, printJson } from "../terminal/output.js";
import type { Leave } from "./leave.js";
import { atBench, loadBench, type RigArgs, rigFacts } from "./workbench.js";

/** What a command found: for people, and for programs. */
export interface Found {
  readonly lines: readonly string[];
  readonly document: object;
}

/** A command that asks the module something and tells what it found. @returns the exit code. */
export async function tellFound(
  args: RigArgs & { readonly json: boolean },
  { what, leave }: { readonly what: string; readonly leave: Leave },
  find: (rig: Rig, deadline: Deadline, observer: Observer) => Promise<Found>,
): Promise<number> {
  const { json } = args;
  const bench = await loadBench(args);
  return atBench(bench, { what, json, leave }, async ({ rig, deadline, observer }) => {
    const { lines, document } = await find(rig, deadline, observer);
    if (json) printJson({ ...rigFacts(bench), ...document });
    else if (bench.bay.simulated) print(`${rig.name}: a simulated module`);
    if (!json) for (const line of lines) print(line);
    return 0;
  });
}
