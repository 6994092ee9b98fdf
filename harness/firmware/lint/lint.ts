import { basename, dirname, join, resolve } from "node:path";
import { HarnessError } from "../../base/errors.js";
import { hex } from "../../base/hex.js";
import { isFolder } from "../files.js";
import type { Finding } from "../finding.js";
import { flawed } from "../flaw.js";
import { Folder } from "../folder.js";
import { blankness, foreignKind } from "../foreign.js";
import type { Image } from "../image.js";
import { checkKeys } from "../judge.js";
import { imageName, iniName, properName } from "../names.js";
import { findPartition, type PartitionTable, parsePartitionTable, ST_TABLE } from "../partition.js";
import { type Role, roleOfName } from "../role.js";
import { lintContent } from "./file.js";
import { lintIni, type Reference } from "./ini.js";
import { lintSums, parseSums } from "./sums.js";

/** What was found in a package or a file. */
export interface LintReport {
  readonly path: string;
  /** How many files were judged. */
  readonly files: number;
  /** Names of what lies in the folder and is no part of a package: leavings of systems and editors. */
  readonly passedOver: readonly string[];
  /** Of the signing keys of all images; a sound package has one. */
  readonly keyHashes: readonly string[];
  /** By file. */
  readonly findings: readonly Finding[];
}

interface Options {
  /** A table of SHA-256 sums, as `sha256sum` writes it; a folder must have all that it lists. */
  readonly sums?: string | undefined;
}

/**
 * A package's folder, or one file: see `lintFolder` and `lintFile`.
 *
 * @throws HarnessError FILE_UNREADABLE or PACKAGE_INVALID when there is nothing to judge.
 */
export function lint(path: string, options: Options = {}): LintReport {
  return isFolder(path) ? lintFolder(path, options) : lintFile(path, options);
}

/**
 * All that is wrong or odd in a package: its images, OTA files, partition tables and inis, and every file that an ini
 * names. A file that is missing, damaged or no file at all is a finding like any other.
 *
 * @throws HarnessError PACKAGE_INVALID when no file in the folder is of any known kind; FILE_UNREADABLE when none of
 * them can be read, or the table of sums is none.
 */
export function lintFolder(dir: string, options: Options = {}): LintReport {
  const folder = new Folder(dir);
  const paths = folder.list();
  if (paths.length === 0) {
    const expected = `files such as ${iniName("t01")} and ${imageName("t01", "2.0.106")}`;
    throw flawed("PACKAGE_INVALID", folder.dir, [{ field: "folder", expected, found: "none" }]);
  }
  const report = judge(folder, resolve(dir), paths, options, true);
  return { ...report, passedOver: folder.passedOver(), findings: byFile([...report.findings, ...checkNames(folder)]) };
}

/**
 * One image, OTA file, partition table, or an ini with every file that it names.
 *
 * @throws HarnessError FILE_UNREADABLE when it is none of these, cannot be read, or the table of sums is none.
 */
export function lintFile(path: string, options: Options = {}): LintReport {
  const folder = new Folder(dirname(resolve(path)));
  const file = join(folder.dir, basename(resolve(path)));
  const bytes = folder.read(file);
  if (folder.kindOf(file) === undefined)
    throw flawed(
      "FILE_UNREADABLE",
      path,
      [
        {
          field: "content",
          expected: "an image, OTA file, partition table, littlefs image or ini",
          found: foreignKind(bytes) ?? blankness(bytes) ?? hex(bytes.subarray(0, 16)),
        },
      ],
      { advice: "Name a file or the NCP_Binaries folder of the vendor's package." },
    );
  return judge(folder, resolve(path), [file], options, false);
}

function judge(folder: Folder, path: string, start: readonly string[], { sums }: Options, whole: boolean): LintReport {
  const judged = start.filter((each) => folder.kindOf(each) === "ini").map((each) => lintIni(each, folder));
  const references = judged.flatMap((each) => each.references);
  const paths = [...new Set([...start, ...references.map((each) => each.path)])];
  if (!paths.some((each) => isReadable(folder, each)))
    throw flawed("FILE_UNREADABLE", path, [{ field: "files", expected: "one that can be read", found: "none" }]);
  const usualRoom = roomsOf(folder, paths);
  const verdicts = paths.flatMap((each) =>
    demandsOn(each, references, folder).map((demand) => lintContent({ ...demand, path: each, folder, usualRoom })),
  );
  const findings = [
    ...judged.flatMap((each) => each.findings),
    ...verdicts.flatMap((each) => each.findings),
    ...checkKeys(verdicts.flatMap(({ image }) => image ?? [])),
    ...(sums === undefined ? [] : checkSums(folder, sums, paths, whole)),
  ];
  const keyHashes = verdicts.flatMap(({ image }) => (image === undefined ? [] : [image.keyHash]));
  return { path, files: paths.length, passedOver: [], keyHashes: [...new Set(keyHashes)], findings: byFile(findings) };
}

/** Whoever looks for a file of a package looks for these very letters: `.BIN` and `.INI` are not found. */
function checkNames(folder: Folder): Finding[] {
  const names = folder.files().map((path) => basename(path));
  return names.flatMap((name): Finding[] => {
    const expected = properName(name);
    if (expected === undefined || names.includes(expected)) return [];
    return [{ severity: "error", file: name, rule: "name", field: "file name", expected, found: name }];
  });
}

function checkSums(folder: Folder, sums: string, paths: readonly string[], whole: boolean): Finding[] {
  const path = resolve(sums);
  const table = parseSums(folder.read(path), sums);
  const all = new Set([...paths, ...(whole ? folder.files() : [])]);
  all.delete(path);
  return lintSums(table, sums, folder, [...all], whole);
}

/** What the sections that name a file want of it, each role once with the least room; else what its own name says. */
function demandsOn(path: string, references: readonly Reference[], folder: Folder) {
  const named = references.filter((reference) => reference.path === path);
  const rooms = named.flatMap(({ room }) => (room === undefined ? [] : [room]));
  const roles = new Set(named.flatMap(({ role }) => role ?? []));
  return [...(roles.size > 0 ? roles : [roleOf(path, folder)])].map((role) => ({
    kind: folder.kindOf(path),
    role,
    room: rooms.length > 0 ? Math.min(...rooms) : undefined,
  }));
}

/** By the file's own name, else by its first bytes. */
function roleOf(path: string, folder: Folder): Role | undefined {
  const kind = folder.kindOf(path);
  return roleOfName(basename(path)) ?? (kind === "ota" || kind === "ini" ? undefined : kind);
}

/** Room for images by the first sound table of the package, else by ST's. */
function roomsOf(folder: Folder, paths: readonly string[]): (kind: Image["kind"]) => number | undefined {
  const [table = ST_TABLE] = paths
    .filter((path) => folder.kindOf(path) === "partition")
    .flatMap((path): PartitionTable[] => {
      try {
        return [parsePartitionTable(folder.read(path), path)];
      } catch (error) {
        if (error instanceof HarnessError) return [];
        throw error;
      }
    });
  return (kind) => findPartition(table, kind === "boot2" ? "Boot2" : "FW")?.slots[0].bytes;
}

function isReadable(folder: Folder, path: string): boolean {
  try {
    folder.read(path);
    return true;
  } catch (error) {
    if (error instanceof HarnessError) return false;
    throw error;
  }
}

/** Grouped by file, in the order in which they were found; each told once, however many inis lead to it. */
function byFile(findings: readonly Finding[]): Finding[] {
  const once = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  const files = [...new Set(findings.map(({ file }) => file))].sort();
  return files.flatMap((file) => [...once.values()].filter((finding) => finding.file === file));
}
