import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createJiti, type Jiti } from "jiti";
import { z } from "zod";
import { HarnessError } from "../base/errors.js";
import { told } from "../base/files.js";
import { didYouMean } from "../base/nearest.js";
import { refuseOtherThanFile } from "../base/read-file.js";
import { LAST_RUNG } from "../recover/rung.js";
import { filesOf, type Resolve, refuseForeignCode } from "./own-code.js";
import type { Scenario } from "./scenario.js";
import { isScenarioFile } from "./where.js";

/** A function cannot be looked into: that `run` and `parameters` are functions is all that can be checked. */
const AnyScenario = z.strictObject({
  name: z.string().min(1),
  tags: z.array(z.string()).optional(),
  needs: z.array(z.string().min(1)).optional(),
  timeoutMs: z.number().positive().optional(),
  ladder: z.int().min(0).max(LAST_RUNG).optional(),
  lazy: z.boolean().optional(),
  parameters: z
    .custom<Scenario["parameters"]>((value) => typeof value === "function", "expected a function")
    .optional(),
  run: z.custom<Scenario["run"]>((value) => typeof value === "function", "expected a function"),
});

/**
 * The scenario of a user's own file. `st67-hil` in it is this very program: it needs no node_modules and no package.json.
 *
 * @throws HarnessError SCENARIO_INVALID naming the file, also when a stranger may have written it.
 */
export async function loadScenario(file: string): Promise<Scenario> {
  const jiti = jitiOf();
  refuseForeignCode(file, (name, importer) => importedBy(jiti, name, importer));
  // By its real path: that one was looked at, and a link may be changed.
  const real = told(() => realpathSync(file)) ?? file;
  isScenarioFile(real);
  return loadOne(file, () => jiti.import(real, { default: true }));
}

/** Of each of a user's own files: paths of it and of what it imports by relative names, in their order. Nothing is run. */
export function ownFilesOf(files: readonly string[]): string[][] {
  const jiti = jitiOf();
  const imported: Resolve = (name, importer) => (name.startsWith(".") ? importedBy(jiti, name, importer) : undefined);
  return files.map((file) => filesOf(file, imported));
}

const jitiOf = (): Jiti =>
  createJiti(import.meta.url, {
    alias: { "st67-hil": entry() },
    nativeModules: [entry()],
    moduleCache: false,
    // Both would be under the temporary folder, where another user can have put something before.
    fsCache: false,
    esmEvalTempFile: false,
  });

function importedBy(jiti: Jiti, name: string, importer: string): string | undefined {
  const url = told(() => jiti.esmResolve(name, { parentURL: importer, try: true }));
  const path = url?.startsWith("file:") ? told(() => fileURLToPath(url)) : undefined;
  return path === entry() ? undefined : path;
}

const entry = (): string => resolve(fileURLToPath(new URL("./index.js", import.meta.url)));

async function loadOne(file: string, load: () => Promise<unknown>): Promise<Scenario> {
  refuseOtherThanFile(file, "a scenario file");
  let exported: unknown;
  try {
    exported = await load();
  } catch (cause) {
    throw new HarnessError("SCENARIO_INVALID", `${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  const parsed = AnyScenario.safeParse(exported);
  if (parsed.success) return parsed.data as Scenario;
  throw new HarnessError(
    "SCENARIO_INVALID",
    `${file}: its default export is no scenario: ${parsed.error.issues.map(tellIssue).join("; ")}`,
    { cause: parsed.error },
  );
}

/** In words of ours: a field by its name, and what a wrong one was probably meant to be. */
function tellIssue(issue: z.core.$ZodIssue): string {
  const field = issue.path.join(".");
  if (issue.code === "unrecognized_keys") return issue.keys.map(tellUnknown).join("; ");
  if (field === "") return "expected scenario({ name, run })";
  if (issue.code === "invalid_type") return `${field}: expected ${EXPECTED[field] ?? issue.expected}`;
  return `${field}: ${issue.message}`;
}

const EXPECTED: Readonly<Record<string, string>> = {
  name: "a text",
  tags: "a list of texts",
  needs: "a list of texts",
  timeoutMs: "a number of milliseconds above 0",
  ladder: "a rung from 0 to 8",
  lazy: "true or false",
};

function tellUnknown(key: string): string {
  return `${key}: no such field${didYouMean(key, Object.keys(AnyScenario.shape))}`;
}
