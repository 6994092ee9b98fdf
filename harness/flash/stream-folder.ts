import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { told, writeWhole } from "../base/files.js";
import { makeFolder } from "../base/folders.js";
import { readPlainFile } from "../base/read-file.js";
import { refuseForeign } from "../base/trust.js";
import { xzHolds } from "../native/xz.js";
import type { KeptStreams } from "./sent.js";

/** So many are left there: the newest. */
const MOST = 64;
/** Ours, and what a process that was killed has left of one. Nothing else in the folder is ever touched. */
const OURS = /^(?:[0-9a-f]{64}\.xz|\.st67-hil-[0-9a-f]{16}\.tmp)$/;

/**
 * Compressed files in a folder, each under the SHA-256 of what it holds. One is believed only if it expands to those very
 * bytes; where a stranger may write, or a link leads elsewhere, nothing is read or left. Whatever goes wrong, there is no stream.
 */
export class StreamFolder implements KeptStreams {
  readonly #folder: string;
  readonly #added = new Map<string, Uint8Array>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async find(sha256: string, bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const stream = told(() => this.#read(sha256, bytes.length));
    return stream !== undefined && (await xzHolds(stream, bytes)) ? stream : undefined;
  }

  add(sha256: string, stream: Uint8Array): void {
    this.#added.set(sha256, stream);
  }

  /** Writes down what was added: once the module needs nobody any more. */
  keep(): void {
    if (this.#added.size === 0) return;
    told(() => {
      makeFolder(this.#folder);
      this.#refuseStrange(this.#folder);
      for (const [sha256, stream] of this.#added) writeWhole(this.#file(sha256), stream);
      this.#added.clear();
      this.#prune();
    });
  }

  #file(sha256: string): string {
    return join(this.#folder, `${sha256}.xz`);
  }

  #read(sha256: string, mostBytes: number): Uint8Array {
    const file = this.#file(sha256);
    this.#refuseStrange(file);
    return readPlainFile(file, "an xz stream", mostBytes);
  }

  #refuseStrange(path: string): void {
    for (const each of new Set([this.#folder, path]))
      if (lstatSync(each).isSymbolicLink()) throw new Error(`${each} is a link`);
    refuseForeign(path, "FILE_UNREADABLE");
  }

  #prune(): void {
    const ours = readdirSync(this.#folder).filter((name) => OURS.test(name));
    const files = ours.map((name) => join(this.#folder, name)).map((path) => ({ path, at: lstatSync(path).mtimeMs }));
    for (const { path } of files.sort((a, b) => b.at - a.at).slice(MOST)) rmSync(path, { force: true });
  }
}
