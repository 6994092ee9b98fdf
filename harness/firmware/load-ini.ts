import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { HarnessError } from "../base/errors.js";
import { XzError, xzDecompress } from "../native/xz.js";
import { listFolder, readBytes } from "./files.js";
import { type Image, readImage } from "./image.js";
import { type FlashIni, type IniFile, parseFlashIni } from "./ini.js";
import { checkLayout } from "./layout.js";
import { parseImageName } from "./names.js";
import { parseOta } from "./ota.js";
import { findPartition, type PartitionTable, parsePartitionTable, TABLE_ADDRESSES } from "./partition.js";

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

/** What `$(CHIPNAME)` stands for. */
const CHIP_NAME = "qcc743";
/** A partition table takes one sector. */
const TABLE_BYTES = 0x1000;
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
    const image = startsWithMagic(bytes) ? readImage(bytes, basename(file)) : undefined;
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

/** The path itself where it exists; else its last part is a pattern, `*` for any run, that must fit exactly one name. */
function resolveFile(dir: string, { section, filedir }: IniFile, version: string | undefined): string {
  const path = resolve(dir, fillVersion(filedir.replaceAll("$(CHIPNAME)", CHIP_NAME), version));
  if (path.endsWith("_vxxx.bin") && !existsSync(path)) {
    const advice = "Give the version that stands for xxx, or name the file in the ini.";
    throw new HarnessError("FILE_UNREADABLE", `${path}: [${section}]: expected a version for _vxxx, got none`, {
      advice,
    });
  }
  if (existsSync(path) || !basename(path).includes("*")) return path;
  const pattern = basename(path)
    .split("*")
    .map((part) => part.replace(/[^\w]/g, "\\$&"));
  const fits = new RegExp(`^${pattern.join(".*")}$`);
  const names = listFolder(dirname(path)).filter((name) => fits.test(name));
  const [only] = names;
  if (only !== undefined && names.length === 1) return join(dirname(path), only);
  throw new HarnessError(
    "FILE_UNREADABLE",
    `${path}: [${section}]: expected one file that fits, got ${names.join(", ") || "none"}`,
  );
}

/** Only names of firmware images take a version: boot2's stays. */
function fillVersion(path: string, version: string | undefined): string {
  if (version === undefined) return path;
  const filled = path.replace(/_v(xxx|\*|\d+\.\d+\.\d+)\.bin$/, `_v${version}.bin`);
  return parseImageName(basename(filled)) === undefined ? path : filled;
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
  const tables = TABLE_ADDRESSES.map((at) => ({ address: at, bytes: TABLE_BYTES }));
  return [...slots, ...tables].find((slot) => slot.address === address && slot.bytes > 0)?.bytes;
}

const startsWithMagic = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(0, 4)).toString("latin1") === "BFNP";

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
