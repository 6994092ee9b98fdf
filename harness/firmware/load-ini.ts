import { existsSync, realpathSync } from "node:fs";
import { basename, dirname } from "node:path";
import { HarnessError } from "../base/errors.js";
import { XzError, xzDecompress } from "../native/xz.js";
import { readBytes } from "./files.js";
import { type Image, isImage, readImage } from "./image.js";
import { type FlashIni, parseFlashIni } from "./ini.js";
import { checkLayout } from "./layout.js";
import { parseOta } from "./ota.js";
import {
  findPartition,
  type PartitionTable,
  parsePartitionTable,
  TABLE_ADDRESSES,
  TABLE_SECTOR_BYTES,
} from "./partition.js";
import { resolveFile } from "./resolve.js";

/** One file and where it goes. */
export interface FlashFile {
  readonly section: string;
  readonly path: string;
  readonly address: number;
  readonly bytes: Uint8Array;
  /** Room at that address by the partition table; `undefined` where it has none. */
  readonly slotBytes: number | undefined;
  /** `undefined` for a file that is no image: it does not start with BFNP. */
  readonly image: Image | undefined;
  /** The vendor's own xz stream of `bytes`, from the `.xz.ota` beside it, proven to expand to them. */
  readonly xz: Uint8Array | undefined;
}

/** A flash configuration with its files, laid out. */
export interface FlashFiles extends Pick<FlashIni, "erase" | "skip"> {
  /** Name of the ini file. */
  readonly ini: string;
  /** By ascending address: the order of writing. */
  readonly files: readonly FlashFile[];
}

const PARTITION = "partition";

/**
 * Reads a flash configuration and every file that it names, relative to the real path of the ini.
 *
 * @param fill the version for the placeholder `_vxxx.bin`, and in place of the one that an older release's ini names.
 * @throws HarnessError FILE_UNREADABLE with the path that was looked for; INI_INVALID; PARTITION_INVALID; PLAN_INVALID
 * for ranges that collide or do not fit; IMAGE_INVALID for an image without a whole boot header.
 */
export function loadIni(path: string, fill?: { readonly version: string }): FlashFiles {
  const text = readBytes(path, "an ini file");
  const ini = parseFlashIni(Buffer.from(text).toString("utf8"), path);
  const dir = dirname(realpathSync(path));
  const found = ini.files.map((file) => {
    const resolved = resolveFile(dir, file, fill?.version);
    return { ...file, path: resolved, bytes: readBytes(resolved, `the file of [${file.section}]`) };
  });
  const partition = found.find(({ section }) => section === PARTITION);
  const table = partition === undefined ? undefined : parsePartitionTable(partition.bytes, partition.path);
  const files = found.map(({ section, path: file, bytes, address }): FlashFile => {
    const place = address === "@partition" ? lookUp(table, section, path) : { address, bytes: roomAt(table, address) };
    const image = isImage(bytes) ? readImage(bytes, basename(file)) : undefined;
    return {
      section,
      path: file,
      bytes,
      address: place.address,
      slotBytes: place.bytes,
      image,
      xz: readXz(file, bytes),
    };
  });
  files.sort((a, b) => a.address - b.address);
  checkLayout(path, ini, files);
  return { ini: basename(path), erase: ini.erase, skip: ini.skip, files };
}

type Place = { readonly address: number; readonly bytes: number };

function lookUp(table: PartitionTable | undefined, name: string, ini: string): Place {
  const partition = table === undefined ? undefined : findPartition(table, name);
  if (partition !== undefined) return partition.slots[0];
  const names = table?.entries.map((entry) => entry.name).join(", ");
  throw new HarnessError("PLAN_INVALID", `${ini}: expected a partition named ${name} in the table, got ${names}`);
}

function roomAt(table: PartitionTable | undefined, address: number): number | undefined {
  const slots = table?.entries.flatMap((entry) => entry.slots) ?? [];
  const tables = TABLE_ADDRESSES.map((at) => ({ address: at, bytes: TABLE_SECTOR_BYTES }));
  return [...slots, ...tables].find((slot) => slot.address === address && slot.bytes > 0)?.bytes;
}

/** A container that is damaged or holds another image is no reason to refuse the image itself. */
function readXz(path: string, bytes: Uint8Array): Uint8Array | undefined {
  const ota = path.replace(/\.bin$/, ".xz.ota");
  if (ota === path || !existsSync(ota)) return undefined;
  try {
    const { kind, payload } = parseOta(readBytes(ota, "an OTA file"), ota);
    if (kind !== "xz") return undefined;
    return Buffer.compare(xzDecompress(payload, bytes.length), bytes) === 0 ? payload : undefined;
  } catch (error) {
    if (error instanceof XzError || error instanceof HarnessError) return undefined;
    throw error;
  }
}
