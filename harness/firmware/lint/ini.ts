import { existsSync, realpathSync } from "node:fs";
import { basename, dirname } from "node:path";
import { HarnessError } from "../../base/errors.js";
import { inOtherLetters } from "../../base/read-file.js";
import type { Finding, Rule } from "../finding.js";
import { type Flaw, flawsOf } from "../flaw.js";
import type { Folder } from "../folder.js";
import type { FlashIni } from "../ini.js";
import { readFlashIni } from "../ini-text.js";
import { collisions, eraseFlaws, lyingOf, sharedSectors } from "../layout.js";
import { parsePartitionTable } from "../partition.js";
import { placeOf } from "../place.js";
import { openVersions, resolveFile } from "../resolve.js";
import { type Role, roleOf } from "../role.js";

/** A file that an ini names, and what it must be. */
export interface Reference {
  readonly path: string;
  /** `undefined` where any bytes will do. */
  readonly role: Role | undefined;
  /** Room at its address, in bytes; `undefined` where its address is wrong. */
  readonly room: number | undefined;
}

interface Judged {
  readonly findings: readonly Finding[];
  readonly references: readonly Reference[];
}

/** An ini by itself and with the files that it names: once for each version that the folder has for its placeholder. */
export function lintIni(path: string, folder: Folder): Judged {
  const findings: Finding[] = [];
  const tell = (rule: Rule, flaws: readonly Flaw[]) => {
    for (const flaw of flaws) findings.push({ severity: "error", file: folder.nameOf(path), rule, ...flaw });
  };
  const ini = orTell(() => readFlashIni(folder.read(path), path), tell, "ini");
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
    const found = inOtherLetters(path) ?? "none";
    tell("reference", [{ field: `[${file.section}] filedir`, expected: `a file at ${folder.nameOf(path)}`, found }]);
    return [];
  });
  const named = found.find(({ section }) => section === "partition");
  const table = named && orNothing(() => parsePartitionTable(folder.read(named.path), named.path));
  // A damaged table is told where it is read: until then nothing can be said of what it should place.
  const isDamaged = named !== undefined && table === undefined;
  const placed = found.map((file) => {
    const place = placeOf(file, table);
    const bytes = orNothing(() => folder.read(file.path));
    return { ...file, bytes, place: isDamaged ? { ...place, room: undefined, flaws: [] } : place };
  });
  tell(
    "layout",
    placed.flatMap(({ place }) => place.flaws),
  );
  const lying = lyingOf(placed.flatMap(({ bytes, ...file }) => (bytes === undefined ? [] : [{ ...file, bytes }])));
  tell("layout", collisions(lying));
  if (ini.erase === 1) tell("layout", sharedSectors(lying, ini.skip));
  return placed.map(({ section, path, bytes, place: { room } }) => ({
    path,
    role: roleOf(section, basename(path), bytes ?? new Uint8Array()),
    room,
  }));
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
