import { randomBytes } from "node:crypto";
import { existsSync, lstatSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { RigConfig } from "../../../rigs/file/schema.js";
import { refuseCollisions } from "../../base/collisions.js";
import { HarnessError } from "../../base/errors.js";
import { refuseUnwritable } from "../../base/files.js";
import { refuseUnwritableFolder } from "../../base/folders.js";
import { rigPaths } from "../bench/paths.js";
import type { Shard } from "../options/cases.js";
import { list } from "../options/options.js";

interface Outputs {
  readonly out?: string | undefined;
  readonly runId?: string | undefined;
  readonly shard?: Shard | undefined;
  readonly junit?: string | undefined;
}

interface Inputs {
  readonly rig: readonly string[];
  readonly configs: readonly RigConfig[];
  readonly firmware?: string | undefined;
  /** Scenario files. */
  readonly files: readonly string[];
  readonly quarantine?: string | undefined;
}

/** What a run is called, and where it goes. */
export interface Place {
  /** When it began: ISO 8601 with Z. */
  readonly wallTime: string;
  readonly runId: string;
  /** Absolute: a scenario may change the current folder. */
  readonly folder: string;
  /** As people see it. */
  readonly shown: string;
}

export function placeOf({ out, runId: called, shard }: Outputs): Place {
  const wallTime = new Date().toISOString();
  const runId =
    called ?? `${wallTime.replace(/[-:]|\.\d+Z$/g, "").replace("T", "-")}-${randomBytes(2).toString("hex")}`;
  const part = shard === undefined ? "" : `-${shard.index}-of-${shard.of}`;
  const shown = out ?? join("out", `${runId}${part}`);
  return { wallTime, runId, folder: resolve(shown), shown };
}

/** All that can be known of what will be written, before anything is done. @throws HarnessError USAGE; FILE_UNWRITABLE. */
export function checkOutputs(place: Place, args: Outputs & Inputs, isResumed: boolean): void {
  const rigs = args.configs.length === 0 ? [] : list("rig", args.rig);
  const paths = rigs.map((rig, index) => rigPaths(rig, args.configs[index] as RigConfig));
  const written = paths.flatMap((each) => each.written);
  const junit = { name: "--junit", path: args.junit };
  const scenarios = args.files.map((path) => ({ name: "--scenarios", path }));
  const inputs = [...paths.flatMap(({ read }) => read), { name: "--firmware", path: args.firmware }, ...scenarios];
  inputs.push({ name: "--quarantine", path: args.quarantine });
  refuseCollisions([{ name: "--out", path: args.out }, junit, ...written], inputs);
  refuseCollisions([junit, ...written, { name: "the run's journal", path: join(place.folder, "events.jsonl") }], []);
  if (!isResumed) refuseUsed(place);
  refuseUnwritableFolder(place.folder);
  if (args.junit !== undefined) refuseUnwritable(args.junit);
}

/** `latest` beside a run under its usual name leads to the newest one. What else bears that name is left alone. */
export function pointLatest({ folder, runId }: Place): void {
  const name = basename(folder);
  if (!name.startsWith(runId)) return;
  const link = join(dirname(folder), "latest");
  // Not by the run's own id, which anybody may have chosen: another run's folder may be called so.
  const made = join(dirname(folder), `.latest-${randomBytes(8).toString("hex")}`);
  try {
    if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === false) return;
    symlinkSync(name, made);
    renameSync(made, link);
  } catch {
    // A file system without links: nobody is worse off than before.
    rmSync(made, { force: true });
  }
}

/** @throws HarnessError USAGE for a folder that holds a run. */
export function refuseUsed({ folder, shown }: Pick<Place, "folder" | "shown">): void {
  if (!existsSync(join(folder, "events.jsonl"))) return;
  throw new HarnessError("USAGE", `--out ${shown}: there is a run in it already, and a run is never overwritten`);
}
