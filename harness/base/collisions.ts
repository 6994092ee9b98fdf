import { type BigIntStats, statSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { HarnessError } from "./errors.js";
import { told } from "./files.js";
import { endOf } from "./write-target.js";

/** A file or folder of a command, by the name that its user knows: `--out`, `sim.state`. No path: not given. */
export interface NamedPath {
  readonly name: string;
  readonly path: string | undefined;
}

/**
 * What a command writes is nothing that it reads or writes by another name, whatever links lead there, and lies in no
 * folder that it reads: one of both would be lost. Devices may be written into twice.
 *
 * @throws HarnessError USAGE
 */
export function refuseCollisions(outputs: readonly NamedPath[], inputs: readonly NamedPath[]): void {
  const written = outputs.flatMap(placeOf);
  const read = inputs.flatMap(placeOf);
  for (const [index, output] of written.entries()) {
    const { name, path } = output;
    for (const other of written.slice(index + 1)) {
      if (!output.device && isSame(output, other)) throw collision(name, path, `is also ${other.name}`);
    }
    for (const other of read) {
      if (isSame(output, other)) throw collision(name, path, `is also ${other.name}, which is read`);
      if (isInside(output, other)) throw collision(name, path, `lies in the folder of ${other.name}, which is read`);
    }
  }
}

interface Place extends NamedPath {
  readonly path: string;
  /** Every way to say where it is. */
  readonly keys: ReadonlySet<string>;
  /** With all links followed. */
  readonly end: string | undefined;
  readonly folder: boolean;
  readonly device: boolean;
}

function placeOf({ name, path }: NamedPath): Place[] {
  if (path === undefined) return [];
  const found: BigIntStats | undefined = told(() => statSync(path, { bigint: true }));
  const end = told(() => endOf(path));
  const link = told(() => join(endOf(dirname(path)), basename(path)));
  const node = found && `${found.dev}:${found.ino}`;
  const keys = new Set([resolve(path), end, link, node].filter((key) => key !== undefined));
  const folder = found?.isDirectory() === true;
  return [{ name, path, keys, end, folder, device: found?.isCharacterDevice() === true }];
}

const isSame = (one: Place, other: Place): boolean => [...one.keys].some((key) => other.keys.has(key));

const isInside = ({ end }: Place, { end: folder, folder: isFolder }: Place): boolean =>
  isFolder && end !== undefined && folder !== undefined && end.startsWith(folder.replace(/\/?$/, sep));

const collision = (name: string, path: string, why: string): HarnessError =>
  new HarnessError("USAGE", `${name} ${path}: ${why}`, { advice: "Give each of them a path of its own." });
