import { realpathSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { HarnessError } from "../base/errors.js";
import { isFolder, listFolder, readBytes } from "./files.js";
import { flawed } from "./flaw.js";
import { type FileKind, kindOfBytes, kindOfName } from "./kinds.js";
import { isForeign } from "./names.js";

/** No file of a package comes near the size of the flash; what is far larger is not read. */
const LARGEST_BYTES = 16 * 1024 * 1024;

/** The files of a package as they are asked for: each is read once, by its absolute path. */
export class Folder {
  /** The real path: an ini names its files from there. */
  readonly dir: string;
  readonly #files = new Map<string, Uint8Array | HarnessError>();

  constructor(dir: string) {
    this.dir = isFolder(dir) ? realpathSync(dir) : resolve(dir);
  }

  /** How findings call a file: its path from the folder. */
  nameOf(path: string): string {
    return relative(this.dir, path) || basename(path);
  }

  /** @throws HarnessError FILE_UNREADABLE for whatever is no plain file, or is far larger than any flash. */
  read(path: string): Uint8Array {
    const known = this.#files.get(path) ?? readPlain(path);
    this.#files.set(path, known);
    if (known instanceof HarnessError) throw known;
    return known;
  }

  /** What a file is, by its name and else by its first bytes. */
  kindOf(path: string): FileKind | undefined {
    const named = kindOfName(basename(path));
    if (named !== undefined) return named;
    try {
      return kindOfBytes(this.read(path));
    } catch (error) {
      if (error instanceof HarnessError) return undefined;
      throw error;
    }
  }

  /** What lies in the folder and is no folder itself, sorted. @throws HarnessError FILE_UNREADABLE. */
  files(): string[] {
    return this.#paths().filter((path) => !isFolder(path));
  }

  /** What is of some kind in the folder, by name or by its first bytes, sorted. @throws HarnessError FILE_UNREADABLE. */
  list(): string[] {
    return this.#paths().filter((path) => this.kindOf(path) !== undefined);
  }

  /** Names of what systems and editors have left in the folder: it is never looked at. @throws HarnessError FILE_UNREADABLE. */
  passedOver(): string[] {
    return listFolder(this.dir).filter(isForeign);
  }

  #paths(): string[] {
    return listFolder(this.dir)
      .filter((name) => !isForeign(name))
      .map((name) => join(this.dir, name));
  }
}

function readPlain(path: string): Uint8Array | HarnessError {
  const expected = "a file";
  try {
    return readBytes(path, expected, LARGEST_BYTES);
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    return flawed("FILE_UNREADABLE", path, [{ field: "file", expected, found: `${error.details["found"]}` }]);
  }
}
