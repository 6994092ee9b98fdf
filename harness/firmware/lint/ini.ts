import { existsSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { HarnessError } from "../../base/errors.js";
import { hexNumber } from "../../base/hex.js";
import type { Finding, Rule } from "../check.js";
import { type Flaw, flawsOf } from "../flaw.js";
import type { Folder } from "../folder.js";
import { type FlashIni, type IniFile, parseFlashIni } from "../ini.js";
import type { FileKind } from "../kinds.js";
import { collisions, eraseFlaws, sharedSectors } from "../layout.js";
import {
  FLASH_BYTES,
  findPartition,
  type PartitionTable,
  parsePartitionTable,
  TABLE_ADDRESSES,
  TABLE_SECTOR_BYTES,
} from "../partition.js";
import { openVersions, resolveFile } from "../resolve.js";

/** A file that an ini names, and what it must be. */
export interface Reference {
  readonly path: string;
  /** By its section; `undefined` where any bytes will do. */
  readonly kind: FileKind | undefined;
  /** Room at its address, in bytes; `undefined` where its address is wrong. */
  readonly room: number | undefined;
}

interface Judged {
  readonly findings: readonly Finding[];
  readonly references: readonly Reference[];
}

const KINDS: Readonly<Record<string, FileKind>> = { boot2: "image", FW: "image", partition: "partition" };

/** An ini by itself and with the files that it names: once for each version that the folder has for its placeholder. */
export function lintIni(path: string, folder: Folder): Judged {
  const findings: Finding[] = [];
  const tell = (rule: Rule, flaws: readonly Flaw[]) => {
    for (const flaw of flaws) findings.push({ severity: "error", file: folder.nameOf(path), rule, ...flaw });
  };
  const ini = orTell(() => parseFlashIni(Buffer.from(folder.read(path)).toString("utf8"), path), tell, "ini");
  if (ini === undefined) return { findings, references: [] };
  tell("layout", eraseFlaws(ini));
  const dir = dirname(realpathSync(path));
  const versions = new Set(
    ini.files.flatMap(({ filedir }) => orTell(() => openVersions(dir, filedir), tell, "reference") ?? []),
  );
  const references = [...(versions.size > 0 ? versions : [undefined])].flatMap((version) =>
    judgeVersion(ini, dir, folder, version, tell),
  );
  return { findings, references };
}

type Tell = (rule: Rule, flaws: readonly Flaw[]) => void;

function judgeVersion(
  ini: FlashIni,
  dir: string,
  folder: Folder,
  version: string | undefined,
  tell: Tell,
): Reference[] {
  const found = ini.files.flatMap((file) => {
    const path = orTell(() => resolveFile(dir, file, version), tell, "reference");
    if (path === undefined) return [];
    if (existsSync(path)) return [{ ...file, path }];
    const flaw = { field: `[${file.section}] filedir`, expected: `a file at ${folder.nameOf(path)}`, found: "none" };
    tell("reference", [flaw]);
    return [];
  });
  const table = found.find(({ section }) => section === "partition");
  const partitions = table && orNothing(() => parsePartitionTable(folder.read(table.path), table.path));
  const placed = found.map((file) => ({ ...file, place: placeOf(file, partitions, table !== undefined, tell) }));
  const lying = placed
    .flatMap(({ section, path, place }) => {
      const bytes = orNothing(() => folder.read(path));
      return place === undefined || bytes === undefined ? [] : [{ section, address: place.address, bytes }];
    })
    .sort((a, b) => a.address - b.address);
  tell("layout", collisions(lying));
  if (ini.erase === 1) tell("layout", sharedSectors(lying, ini.skip));
  return placed.map(({ section, path, place }) => ({ path, kind: KINDS[section], room: place?.room }));
}

/** A damaged table is told where it is read; until then nothing can be said of what it should place. */
function placeOf(
  { section, address }: IniFile,
  table: PartitionTable | undefined,
  named: boolean,
  tell: Tell,
): { address: number; room: number | undefined } | undefined {
  const field = `[${section}] address`;
  if (address === "@partition") {
    if (table === undefined) return undefined;
    const slot = findPartition(table, section)?.slots[0];
    const names = table.entries.map(({ name }) => name).join(", ");
    if (slot === undefined) tell("layout", [{ field, expected: `a partition named ${section}`, found: names }]);
    return slot && { address: slot.address, room: slot.bytes };
  }
  if (table === undefined) return { address, room: named ? undefined : Math.max(0, FLASH_BYTES - address) };
  const tables = TABLE_ADDRESSES.map((at) => ({ address: at, bytes: TABLE_SECTOR_BYTES }));
  const rooms = [...tables, ...table.entries.flatMap(({ slots }) => slots)]
    .filter((slot) => slot.address <= address && address < slot.address + slot.bytes)
    .map((slot) => slot.address + slot.bytes - address);
  if (rooms.length > 0) return { address, room: Math.max(...rooms) };
  tell("layout", [{ field, expected: "an address inside of a partition", found: hexNumber(address) }]);
  return { address, room: undefined };
}

function orTell<T>(work: () => T, tell: Tell, rule: Rule): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    tell(rule, flawsOf(error));
    return undefined;
  }
}

function orNothing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof HarnessError) return undefined;
    throw error;
  }
}
