import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { HarnessError } from "../base/errors.js";
import { makeFolder } from "../base/folders.js";
import { readPlainFile } from "../base/read-file.js";
import { reasonOf, unwritable } from "../base/unwritable.js";
import type { Blobs } from "./blobs.js";
import { hashOf, isHash } from "./kept.js";
import { foldersOf, type Manifest, MOST_MANIFEST_BYTES, parseManifest } from "./manifest.js";
import type { Parcel } from "./parcel.js";
import { BEGUN, MANIFEST, moveIn, prune, TREE, touch, wholeIn } from "./shelf.js";

/** A place that may have what is looked for. */
interface Source {
  readonly name: string;
  readonly blobs: Blobs;
}

/**
 * Puts manifest and files where agents find them, unless they are there; the manifest comes last.
 *
 * @returns how many bytes were sent.
 * @throws HarnessError FILE_UNREADABLE, also for a file that has changed since it was looked at; as `put`.
 */
export async function sendParcel(parcel: Parcel, to: Blobs): Promise<number> {
  let sent = 0;
  const send = async (sha256: string, read: () => Uint8Array) => {
    if (await to.has(sha256)) return;
    const bytes = read();
    await to.put(sha256, bytes);
    sent += bytes.length;
  };
  for (const [sha256, path] of parcel.files) await send(sha256, () => readUnchanged(path, sha256));
  await send(parcel.id, () => Buffer.from(parcel.manifest));
  return sent;
}

function readUnchanged(path: string, sha256: string): Uint8Array {
  const bytes = readPlainFile(path, "a file of the package");
  if (hashOf(bytes) === sha256) return bytes;
  throw new HarnessError("FILE_UNREADABLE", `${path}: changed while its package was being sent`, {
    advice: "Start again when nothing writes to the package any more.",
  });
}

/**
 * Lays the firmware folder with this id under `cache`/<id>/ unless it is there whole, and gives the absolute path of its
 * NCP_Binaries. Sources are asked in their order, and one that fails is passed over. Each time all is read and held against
 * its hash; whoever may write to the cache can still change it afterwards, so that is to be nobody else.
 *
 * Of the cache the eight folders stay that were asked for last, this one among them: what is still used while eight others
 * are asked for may go.
 *
 * @throws HarnessError FIRMWARE_NOT_FOUND naming what is missing and where it was looked for; PACKAGE_INVALID for a manifest
 * that is none; FILE_UNWRITABLE.
 */
export async function fetchParcel(id: string, cache: string, sources: readonly Source[]): Promise<string> {
  if (!isHash(id))
    throw new HarnessError("PACKAGE_INVALID", `${JSON.stringify(id)}: expected the SHA-256 of a manifest`);
  const target = join(cache, id);
  const folder = wholeIn(target, id) ?? (await lay(id, target, sources));
  touch(target);
  prune(cache, id);
  return folder;
}

async function lay(id: string, target: string, sources: readonly Source[]): Promise<string> {
  const text = await ask(sources, id, MOST_MANIFEST_BYTES, `firmware ${id}`);
  const manifest = parseManifest(Buffer.from(text).toString("utf8"), `firmware ${id}`);
  makeFolder(dirname(target));
  let scratch: string | undefined;
  try {
    scratch = mkdtempSync(join(dirname(target), BEGUN));
    const made = join(scratch, "new");
    mkdirSync(join(made, TREE), { recursive: true });
    writeFileSync(join(made, MANIFEST), text);
    await fill(join(made, TREE), manifest, sources);
    moveIn(made, target, id);
    return resolve(target, TREE, manifest.folder);
  } catch (error) {
    throw unwritable(target, error);
  } finally {
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  }
}

/** What lies at several paths is asked for once; one file at a time is held. */
async function fill(tree: string, { files }: Manifest, sources: readonly Source[]): Promise<void> {
  for (const folder of [...foldersOf(files.map(({ path }) => path))].sort()) mkdirSync(join(tree, folder));
  for (const { path, sha256, bytes: size } of new Map(files.map((file) => [file.sha256, file])).values()) {
    const bytes = await ask(sources, sha256, size, path);
    for (const same of files) if (same.sha256 === sha256) writeFileSync(join(tree, same.path), bytes, { flag: "wx" });
  }
}

async function ask(sources: readonly Source[], sha256: string, mostBytes: number, what: string): Promise<Uint8Array> {
  const looked: string[] = [];
  for (const { name, blobs } of sources) {
    try {
      const bytes = await blobs.get(sha256, mostBytes);
      if (bytes !== undefined && hashOf(bytes) === sha256) return bytes;
      looked.push(name);
    } catch (error) {
      looked.push(`${name} (${reasonOf(error)})`);
    }
  }
  throw new HarnessError(
    "FIRMWARE_NOT_FOUND",
    `${what}: expected the bytes with SHA-256 ${sha256}, got none from ${looked.join(", ") || "no source"}`,
    {
      advice: "Start the run again: it sends what is missing. If that does not help, look at the places named above.",
      details: { sha256, looked },
    },
  );
}
