import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createJiti } from "jiti";
import { glob } from "tinyglobby";
import { z } from "zod";
import { HarnessError } from "../base/errors.js";
import type { Scenario } from "./scenario.js";

/** A function cannot be looked into: that `run` and `parameters` are functions is all that can be checked. */
const AnyScenario = z.strictObject({
  name: z.string().min(1),
  tags: z.array(z.string()).optional(),
  needs: z.array(z.enum(["lines"])).optional(),
  timeoutMs: z.number().positive().optional(),
  parameters: z
    .custom<Scenario["parameters"]>((value) => typeof value === "function", "expected a function")
    .optional(),
  run: z.custom<Scenario["run"]>((value) => typeof value === "function", "expected a function"),
});

/**
 * The scenarios of the user's own files, in the order of their paths. `st67-hil` in them is this very program:
 * they need no node_modules and no package.json.
 *
 * @throws HarnessError SCENARIO_INVALID naming the file; FILE_UNREADABLE when a pattern matches no file.
 */
export async function loadScenarios(patterns: readonly string[]): Promise<Scenario[]> {
  if (patterns.length === 0) return [];
  const files = await glob([...patterns], { absolute: true, expandDirectories: false });
  if (files.length === 0)
    throw new HarnessError("FILE_UNREADABLE", `--scenarios ${patterns.join(" ")}: no file matches`);
  const jiti = createJiti(import.meta.url, {
    alias: { "st67-hil": entry() },
    nativeModules: [entry()],
    moduleCache: false,
  });
  const loaded = [];
  for (const file of files.sort()) loaded.push(await loadOne(file, (path) => jiti.import(path, { default: true })));
  return loaded;
}

const entry = (): string => resolve(fileURLToPath(new URL("./index.js", import.meta.url)));

async function loadOne(file: string, load: (file: string) => Promise<unknown>): Promise<Scenario> {
  let exported: unknown;
  try {
    exported = await load(file);
  } catch (cause) {
    throw new HarnessError("SCENARIO_INVALID", `${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  const parsed = AnyScenario.safeParse(exported);
  if (parsed.success) return parsed.data as Scenario;
  throw new HarnessError(
    "SCENARIO_INVALID",
    `${file}: its default export is no scenario\n${z.prettifyError(parsed.error)}`,
    { cause: parsed.error },
  );
}
