import { existsSync, realpathSync } from "node:fs";
import { basename, dirname } from "node:path";
import { HarnessError } from "../base/errors.js";
import { readBytes } from "./files.js";
import type { Finding } from "./finding.js";
import type { Image } from "./image.js";
import type { FlashIni } from "./ini.js";
import { readFlashIni } from "./ini-text.js";
import { checkKeys, judgeFile } from "./judge.js";
import { checkLayout } from "./layout.js";
import { parseOta } from "./ota.js";
import { parsePartitionTable } from "./partition.js";
import { placeOf } from "./place.js";
import { resolveFile } from "./resolve.js";
import { roleOf } from "./role.js";

/** One file and where it goes. */
export interface FlashFile {
  readonly section: string;
  readonly path: string;
  readonly address: number;
  readonly bytes: Uint8Array;
  /** Room at that address by the partition table; `undefined` where nothing tells. */
  readonly slotBytes: number | undefined;
  /** `undefined` for a file that is no image, or should be one and has no whole boot header. */
  readonly image: Image | undefined;
  /** From the `.xz.ota` beside it, where there is one: should be an xz stream of `bytes`, and is not held against them here. */
  readonly xz: Uint8Array | undefined;
}

/** A flash configuration with its files, laid out. */
export interface FlashFiles extends Pick<FlashIni, "erase" | "skip"> {
  /** Name of the ini file. */
  readonly ini: string;
  /** By ascending address: the order of writing. */
  readonly files: readonly FlashFile[];
  /** All that is wrong or odd with them: an error forbids to flash them. */
  readonly findings: readonly Finding[];
}

const PARTITION = "partition";
const LARGEST_INI_BYTES = 1024 * 1024;

/**
 * Reads a flash configuration and every file that it names, relative to the real path of the ini, and judges them.
 *
 * @param fill the version for the placeholder `_vxxx.bin`, and in place of the one that an older release's ini names.
 * @throws HarnessError FILE_UNREADABLE with the path that was looked for; INI_INVALID; PARTITION_INVALID; PLAN_INVALID
 * for files that lie where nobody looks for them, collide or do not fit.
 */
export function loadIni(path: string, fill?: { readonly version: string }): FlashFiles {
  const bytes = readBytes(path, "an ini file", LARGEST_INI_BYTES);
  const ini = readFlashIni(bytes, path);
  const dir = dirname(realpathSync(path));
  const found = ini.files.map((file) => {
    const resolved = resolveFile(dir, file, fill?.version);
    return { ...file, path: resolved, bytes: readBytes(resolved, `the file of [${file.section}]`) };
  });
  const partition = found.find(({ section }) => section === PARTITION);
  const table = partition === undefined ? undefined : parsePartitionTable(partition.bytes, partition.path);
  const placed = found.map((file) => ({ ...file, place: placeOf(file, table) }));
  checkLayout(path, ini, placed);
  const judged = placed.map(({ section, path: file, bytes, place }) => {
    const { address = 0, room: slotBytes } = place;
    const role = roleOf(section, basename(file), bytes);
    const { image, findings } = judgeFile({ name: basename(file), bytes, role, room: slotBytes });
    const flashFile: FlashFile = { section, path: file, address, bytes, slotBytes, image, xz: readXz(file) };
    return { file: flashFile, findings };
  });
  const files = judged.map(({ file }) => file).sort((a, b) => a.address - b.address);
  const images = files.flatMap(({ image }) => image ?? []);
  const findings = [...judged.flatMap((each) => each.findings), ...checkKeys(images)];
  return { ini: basename(path), erase: ini.erase, skip: ini.skip, files, findings };
}

/** A container that is damaged is no reason to refuse the image itself. */
function readXz(path: string): Uint8Array | undefined {
  const ota = path.replace(/\.bin$/, ".xz.ota");
  if (ota === path || !existsSync(ota)) return undefined;
  try {
    const { kind, payload } = parseOta(readBytes(ota, "an OTA file"), ota);
    return kind === "xz" ? payload : undefined;
  } catch (error) {
    if (error instanceof HarnessError) return undefined;
    throw error;
  }
}
