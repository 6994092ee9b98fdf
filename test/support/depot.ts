import { readdirSync } from "node:fs";
import type { Blobs } from "../../harness/farm/blobs.js";
import { sendParcel } from "../../harness/farm/depot.js";
import { parcelOf } from "../../harness/farm/parcel.js";
import { firmwareFolder } from "./firmware-folder.js";
import type { Scratch } from "./scratch.js";

/** Blobs in a map, as they lie on another machine; nothing is checked there. */
export class Pile implements Blobs {
  readonly held = new Map<string, Uint8Array>();
  gets = 0;
  async has(sha256: string) {
    return this.held.has(sha256);
  }
  async put(sha256: string, bytes: Uint8Array) {
    this.held.set(sha256, bytes);
  }
  async get(sha256: string) {
    this.gets++;
    return this.held.get(sha256);
  }
}

/** A firmware that was sent to a pile, and where it is to be laid out. */
export async function sentFrom(folder: Scratch) {
  const dir = firmwareFolder(folder.file("from"));
  const parcel = parcelOf(dir);
  const pile = new Pile();
  const bytes = await sendParcel(parcel, pile);
  return { dir, parcel, pile, bytes, cache: folder.file("cache"), from: [{ name: "redis", blobs: pile }] };
}

export const namesIn = (path: string): string[] => readdirSync(path).sort();
