import { existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { count } from "../../harness/base/count.js";
import { HarnessError } from "../../harness/base/errors.js";
import { nearest } from "../../harness/base/nearest.js";
import { readPlainFile } from "../../harness/base/read-file.js";
import { decodeText } from "../../harness/base/text.js";
import { ourHands, refuseForeign } from "../../harness/base/trust.js";
import { mistakeAt, schemaMistakes, tellMistakes } from "./mistakes.js";
import { driverNeeds, type RigConfig, RigFile } from "./schema.js";
import { applySet, withoutStraySpi } from "./set.js";
import { type Mistake, type Place, parseTree, plainOf, type Scalar } from "./tree.js";
import { Wanted } from "./wanted.js";

const WANTED = new Wanted(RigFile);
/** A rig has some eighty fields. */
const LARGEST_BYTES = 1024 * 1024;

/**
 * Reads a rig file and lays `sets` (`path=value`) over it. A name is looked up as `rigs/NAME.yaml` in the current
 * folder, then among the rigs of this package, then as `NAME.yaml` in the current folder; anything with a slash or `.yaml`
 * is a file. A rig file names files that are written: one that a stranger may have written is refused when it was found by
 * its name alone, and by root at any path. A relative path in it begins in its folder, one in `sets` in the current folder.
 *
 * @throws HarnessError FILE_UNREADABLE; RIG_INVALID with every mistake, each with its line and column or its `--set`.
 */
export function loadRig(nameOrFile: string, sets: readonly string[] = []): RigConfig {
  const file = rigFile(nameOrFile);
  return readRig(contentsOf(file), file, sets);
}

function readRig(text: string, file: string, sets: readonly string[]): RigConfig {
  const parsed = parseTree(text, (line, column) => ({ file, line, column }));
  const mistakes: Mistake[] = [...parsed.mistakes];
  const tree = withoutStraySpi(sets.reduce((all, set) => applySet(all, set, mistakes), parsed.tree));
  if (!parsed.torn) {
    const value = plainOf(tree, plain);
    // It is parsed once: to compile the schema first, as the package does, would take as long as all else here.
    const checked = RigFile.safeParse(value, { jitless: true });
    if (checked.success && mistakes.length === 0 && driverNeeds(value).length === 0) return checked.data;
    if (!checked.success) mistakes.push(...schemaMistakes(checked.error.issues, tree, WANTED));
    const needs = driverNeeds(value).map(({ path, expected }) => mistakeAt(path, tree, expected));
    mistakes.push(...needs.filter(({ path }) => !mistakes.some((told) => told.path === path)));
  }
  throw new HarnessError("RIG_INVALID", `${file}: ${count(mistakes.length, "mistake")}\n${tellMistakes(mistakes)}`, {
    details: { file, mistakes },
  });
}

function plain({ value, source, place }: Scalar, path: readonly PropertyKey[]) {
  if (typeof value === "number" && WANTED.text(path)) return source;
  return besideFile(value, place, path.join("."));
}

/** Fields that hold a path, with the words that are none. */
const PATHS = new Map<string, readonly string[]>([
  ["straps.path", []],
  ["serial.path", []],
  ["spi.path", []],
  ["sim.state", []],
  ["sim.contents", ["factory", "blank"]],
]);

/** A path that a file names begins where that file lies; one of `--set`, where the user stands. */
function besideFile(value: unknown, place: Place, field: string): unknown {
  const words = PATHS.get(field);
  if (words === undefined || typeof value !== "string" || value === "" || words.includes(value)) return value;
  return "file" in place && !isAbsolute(value) ? join(dirname(place.file), value) : value;
}

/** The file that a name or a path stands for. @throws HarnessError FILE_UNREADABLE for a name that no rig has. */
export function rigFile(nameOrFile: string): string {
  if (/[/\\]|\.ya?ml$/.test(nameOrFile)) {
    if (ourHands()?.root) refuseForeign(nameOrFile, "RIG_INVALID");
    return nameOrFile;
  }
  const folders = ["rigs", packagedRigs()];
  for (const folder of [...folders, "."]) {
    const file = join(folder, `${nameOrFile}.yaml`);
    if (!existsSync(file)) continue;
    // Our own are as much ours as this program.
    if (!isPackaged(folder)) refuseForeign(file, "RIG_INVALID");
    return file;
  }
  const known = [...new Set(folders.flatMap(rigNames))];
  const guess = nearest(nameOrFile, [...known, ...rigNames(".")]);
  throw new HarnessError(
    "FILE_UNREADABLE",
    `no rig is named ${JSON.stringify(nameOrFile)}: neither rigs/${nameOrFile}.yaml nor ${nameOrFile}.yaml is here, nor is it one of this package` +
      `${guess === undefined ? "" : `; did you mean ${guess}?`}`,
    { advice: `Known rigs: ${known.join(", ")}. Or give the path of a rig file.`, details: { known } },
  );
}

/** This file runs as source, and from `dist` when built; the rigs lie beside the source alone. */
function packagedRigs(): string {
  const here = fileURLToPath(new URL("..", import.meta.url));
  const source = fileURLToPath(new URL("../../../rigs/", import.meta.url));
  return existsSync(join(here, "sim.yaml")) ? here : source;
}

export const isPackaged = (folder: string): boolean => realpathSync(folder) === realpathSync(packagedRigs());

function rigNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => name.slice(0, -".yaml".length));
}

function contentsOf(file: string): string {
  const decoded = decodeText(readPlainFile(file, "a rig file", LARGEST_BYTES));
  if (decoded.text !== undefined) return decoded.text;
  throw new HarnessError("FILE_UNREADABLE", `${file}: expected a rig file in UTF-8, got ${decoded.found}`);
}
