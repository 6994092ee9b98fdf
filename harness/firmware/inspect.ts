import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { HarnessError } from "../base/errors.js";
import { sha256 } from "./bytes.js";
import { isFolder } from "./files.js";
import { flawed } from "./flaw.js";
import { Folder } from "./folder.js";
import { readImage } from "./image.js";
import type { FlashIni } from "./ini.js";
import { readFlashIni } from "./ini-text.js";
import { type ImageFacts, imageFacts } from "./inspect-image.js";
import { efuseKindOf } from "./kinds.js";
import { expand } from "./lint/ota.js";
import { readSuperblock, type Superblock } from "./littlefs.js";
import { type OtaFile, payloadFlaws, readOta } from "./ota.js";
import { type PartitionTable, parsePartitionTable } from "./partition.js";
import { openVersions, resolveFile } from "./resolve.js";

interface OfFile {
  /** Its path from the folder that was asked for, else its name. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What an OTA file says, and what it holds. */
export interface OtaFacts {
  readonly format: OtaFile["kind"];
  readonly hardware: string;
  readonly version: string;
  readonly payloadBytes: number;
  /** Length and SHA-256 of the payload are what the header states. */
  readonly payload: "ok" | "bad";
  /** `undefined` when the payload does not expand to an image. */
  readonly image: ImageFacts | undefined;
}

/** What one file is. */
export type FileFacts =
  | (OfFile & { readonly kind: "image"; readonly image: ImageFacts })
  | (OfFile & { readonly kind: "ota"; readonly ota: OtaFacts })
  | (OfFile & { readonly kind: "partition"; readonly table: PartitionTable })
  | (OfFile & { readonly kind: "ini"; readonly ini: FlashIni })
  | (OfFile & { readonly kind: "littlefs"; readonly superblock: Superblock | undefined })
  /** By name alone, as the vendor's licence has it. */
  | (OfFile & { readonly kind: "efuse" | "efuse-mask" })
  /** Of no kind that is known. */
  | (OfFile & { readonly kind: "other" })
  /** By its name it should be more than it is; lint tells all. */
  | (OfFile & { readonly kind: "damaged"; readonly problem: string });

export interface PackageFacts {
  readonly kind: "package";
  readonly path: string;
  /** Of the signing keys of all images; a sound package has one. */
  readonly keyHashes: readonly string[];
  readonly files: readonly FileFacts[];
  /** Names of what lies in the folder and is no part of a package. */
  readonly passedOver: readonly string[];
}

/**
 * What a file, or every file of a package, is. Judges nothing: see `lint`.
 *
 * @throws HarnessError FILE_UNREADABLE; PACKAGE_INVALID for a folder with nothing of a package in it; and for a single
 * file that is damaged whatever its parser throws.
 */
export function inspect(path: string): FileFacts | PackageFacts {
  if (isFolder(path)) return inspectFolder(path);
  const folder = new Folder(dirname(resolve(path)));
  return inspectFile(join(folder.dir, basename(resolve(path))), folder);
}

function inspectFolder(dir: string): PackageFacts {
  const folder = new Folder(dir);
  const listed = folder.list();
  if (listed.length === 0)
    throw flawed("PACKAGE_INVALID", folder.dir, [
      { field: "folder", expected: "images, OTA files, a partition table or ini files", found: "none" },
    ]);
  const named = listed.filter((path) => folder.kindOf(path) === "ini").flatMap((path) => namedBy(path, folder));
  const fuses = folder.files().filter((path) => efuseKindOf(basename(path)) !== undefined);
  const files = [...new Set([...listed, ...named, ...fuses])].flatMap((path) => orDamaged(path, folder));
  const keyHashes = files.flatMap((file) => {
    const image = file.kind === "image" ? file.image : file.kind === "ota" ? file.ota.image : undefined;
    return image === undefined ? [] : [image.keyHash];
  });
  return {
    kind: "package",
    path: resolve(dir),
    keyHashes: [...new Set(keyHashes)],
    files,
    passedOver: folder.passedOver(),
  };
}

function inspectFile(path: string, folder: Folder): FileFacts {
  const bytes = folder.read(path);
  const of: OfFile = { file: folder.nameOf(path), bytes: bytes.length, sha256: sha256(bytes).toString("hex") };
  switch (folder.kindOf(path)) {
    case "image":
      return { kind: "image", ...of, image: imageFacts(readImage(bytes, of.file)) };
    case "ota":
      return { kind: "ota", ...of, ota: otaFacts(readOta(bytes, of.file), of.file) };
    case "partition":
      return { kind: "partition", ...of, table: parsePartitionTable(bytes, of.file) };
    case "ini":
      return { kind: "ini", ...of, ini: readFlashIni(bytes, of.file) };
    case "littlefs":
      return { kind: "littlefs", ...of, superblock: readSuperblock(bytes).superblock };
    case undefined:
      return { kind: efuseKindOf(basename(path)) ?? "other", ...of };
  }
}

function otaFacts(ota: OtaFile, file: string): OtaFacts {
  const { kind: format, hardware, version, statedBytes: payloadBytes } = ota;
  const held = expand(ota, file);
  const image = held instanceof Uint8Array ? orUndefined(() => imageFacts(readImage(held, file))) : undefined;
  return { format, hardware, version, payloadBytes, payload: payloadFlaws(ota).length === 0 ? "ok" : "bad", image };
}

/** The files that an ini names and that are there. */
function namedBy(path: string, folder: Folder): string[] {
  const files = orUndefined(() => {
    const { files } = readFlashIni(folder.read(path), path);
    const dir = dirname(realpathSync(path));
    return files
      .filter(({ filedir }) => openVersions(dir, filedir).length === 0)
      .flatMap((file) => orUndefined(() => resolveFile(dir, file, undefined)) ?? []);
  });
  return (files ?? []).filter((each) => orUndefined(() => folder.read(each)) !== undefined);
}

function orDamaged(path: string, folder: Folder): FileFacts[] {
  try {
    return [inspectFile(path, folder)];
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    const bytes = orUndefined(() => folder.read(path)) ?? new Uint8Array();
    const of: OfFile = { file: folder.nameOf(path), bytes: bytes.length, sha256: sha256(bytes).toString("hex") };
    return [{ kind: "damaged", ...of, problem: error.message }];
  }
}

function orUndefined<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof HarnessError) return undefined;
    throw error;
  }
}
