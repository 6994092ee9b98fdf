import { basename } from "node:path";
import { HarnessError } from "../base/errors.js";
import { checkImage, versionOf } from "./check.js";
import type { Finding, Rule } from "./finding.js";
import { type Flaw, flawsOf } from "./flaw.js";
import { blankness, foreignKind } from "./foreign.js";
import { HEADER } from "./header.js";
import { type Image, readImage } from "./image.js";
import { readSuperblock, superblockFlaws } from "./littlefs.js";
import { parseImageName } from "./names.js";
import { parsePartitionTable } from "./partition.js";
import { checkComponentVersion, checkReleased } from "./released.js";
import { ROLE_WORDS, type Role } from "./role.js";
import { checkTable } from "./table.js";

/** A file that is to be written, or might be. */
export interface Subject {
  /** Of the file, for messages. Its last part holds an image to the profile and the version that it names. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What it must be; `undefined` where any bytes will do, but for a file that is plainly another. */
  readonly role: Role | undefined;
  /** Room for it in the flash, in bytes; by the kind of an image where nothing else gives any. */
  readonly room: number | undefined | ((kind: Image["kind"]) => number | undefined);
}

interface Judged {
  readonly findings: readonly Finding[];
  /** What it is, as far as that could be read. */
  readonly image: Image | undefined;
}

/**
 * All that is wrong or odd with one file: the only judge, of `lint`, `flash`, `verify` and `run` alike. What a file must
 * be is decided by where it goes, never by its first bytes: damaged, those would call it something else.
 */
export function judgeFile(subject: Subject): Judged {
  const { name, bytes, role } = subject;
  const of = (rule: Rule, flaws: readonly Flaw[], severity: Finding["severity"] = "error"): Finding[] =>
    flaws.map((flaw) => ({ severity, file: name, rule, ...flaw }));
  const foreign = foreignKind(bytes) ?? (role === undefined ? undefined : blankness(bytes));
  if (foreign !== undefined) {
    const expected = role === undefined ? "bytes for the flash" : ROLE_WORDS[role];
    return { image: undefined, findings: of("malformed", [{ field: "content", expected, found: foreign }]) };
  }
  switch (role) {
    case "boot2":
    case "firmware":
    case "image":
      return judgeImage(subject, of);
    case "partition":
      return { image: undefined, findings: [...judgeTable(subject, of), ...tooLarge(subject, of)] };
    case "littlefs":
      return { image: undefined, findings: [...judgeLittlefs(bytes, of), ...tooLarge(subject, of)] };
    case undefined:
      return { image: undefined, findings: tooLarge(subject, of) };
  }
}

type Of = (rule: Rule, flaws: readonly Flaw[], severity?: Finding["severity"]) => Finding[];

function judgeImage({ name, bytes, role, room }: Subject, of: Of): Judged {
  let image: Image;
  try {
    image = readImage(bytes, name);
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    return { image: undefined, findings: of("malformed", flawsOf(error)) };
  }
  const { kind, versionBlock } = image;
  const named = parseImageName(basename(name));
  const findings = checkImage(image, {
    expectProfile: named?.profile,
    expectVersion: versionOf(name),
    slotBytes: typeof room === "function" ? room(kind) : room,
  });
  const isOther = role !== "image" && role !== kind && versionBlock !== undefined;
  const other = isOther ? of("profile", [{ field: "kind", expected: role ?? "", found: kind }]) : [];
  return { image, findings: [...findings, ...other, ...checkComponentVersion(image), ...checkReleased(image)] };
}

function judgeTable({ name, bytes }: Subject, of: Of): Finding[] {
  try {
    return checkTable(parsePartitionTable(bytes, name), name, bytes.length);
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    return flawsOf(error).flatMap((flaw) => of(/Crc$/.test(flaw.field) ? "partition-crc" : "malformed", [flaw]));
  }
}

/** One sound superblock is enough for littlefs to mount; that the other is none is odd. */
function judgeLittlefs(bytes: Uint8Array, of: Of): Finding[] {
  const { superblock, flaws } = readSuperblock(bytes);
  if (superblock === undefined) return of("littlefs", flaws);
  return [...of("littlefs", superblockFlaws(superblock, bytes)), ...of("littlefs", flaws, "warning")];
}

function tooLarge({ bytes, room }: Subject, of: Of): Finding[] {
  if (typeof room !== "number" || bytes.length <= room) return [];
  return of("slot", [{ field: "size", expected: `at most ${room} bytes`, found: `${bytes.length}` }]);
}

/** A locked module takes images of one key: the one that most of them bear is the package's. */
export function checkKeys(images: readonly Image[]): Finding[] {
  const counts = new Map<string, number>();
  for (const { keyHash } of images) counts.set(keyHash, (counts.get(keyHash) ?? 0) + 1);
  const [expected = ""] = [...counts].sort(([, a], [, b]) => b - a).map(([keyHash]) => keyHash);
  return images
    .filter(({ keyHash }) => keyHash !== expected)
    .map(({ name, keyHash }) => ({
      severity: "error",
      file: name,
      rule: "key",
      field: "publicKey",
      offset: HEADER.publicKey,
      expected: expected || "no key",
      found: keyHash || "no key",
    }));
}
