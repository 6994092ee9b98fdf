import { basename } from "node:path";
import { HarnessError } from "../../base/errors.js";
import type { Finding, Rule } from "../finding.js";
import { flawsOf } from "../flaw.js";
import type { Folder } from "../folder.js";
import type { Image } from "../image.js";
import { judgeFile } from "../judge.js";
import type { FileKind } from "../kinds.js";
import { readOta } from "../ota.js";
import type { Role } from "../role.js";
import { roleOfName } from "../role.js";
import { checkOtaVersion, checkTwin, expand, imageNameOf, lintOtaHeader } from "./ota.js";

/** A file to judge, and where it goes. */
export interface Subject {
  readonly path: string;
  readonly kind: FileKind | undefined;
  /** What it must be: by the section that names it, else by its own name. */
  readonly role: Role | undefined;
  readonly folder: Folder;
  /** Least room that an ini gives the file, in bytes; `undefined` where none does. */
  readonly room: number | undefined;
  /** Room for an image that no ini names, in bytes. */
  readonly usualRoom: (kind: Image["kind"]) => number | undefined;
}

/** What is wrong or odd with a file; `image` is what it is or holds, as far as that could be read. */
export interface Verdict {
  readonly findings: readonly Finding[];
  readonly image?: Image | undefined;
}

/** A file by itself; an ini is judged with what it names instead, see `lintIni`. Whatever is damaged is a finding. */
export function lintContent(subject: Subject): Verdict {
  const { path, kind, role, room, usualRoom, folder } = subject;
  const file = folder.nameOf(path);
  const bytes = orFindings(file, "unreadable", () => folder.read(path));
  if (!(bytes instanceof Uint8Array)) return { findings: bytes };
  if (kind === "ota" && role === undefined) return lintOta(subject, bytes, file);
  if (kind === "ini") return { findings: [] };
  return judgeFile({ name: file, bytes, role, room: room ?? (isImage(role) ? usualRoom : undefined) });
}

const isImage = (role: Role | undefined): boolean => role === "boot2" || role === "firmware" || role === "image";

/**
 * With its image beside it an OTA file is held to that; what is no copy of one is judged as an image. Findings of the
 * image inside have `image.` before the field, and their offsets count from its start.
 */
function lintOta(subject: Subject, bytes: Uint8Array, file: string): Verdict {
  const ota = orFindings(file, "malformed", () => readOta(bytes, file));
  if (Array.isArray(ota)) return { findings: ota };
  const findings = lintOtaHeader(ota, file);
  const held = expand(ota, file);
  if (!(held instanceof Uint8Array)) return { findings: [...findings, held] };
  const twin = readTwin(subject);
  const differences = twin === undefined ? [] : checkTwin(ota.kind, held, twin, file);
  const name = imageNameOf(file) ?? file;
  const { image, findings: inside } = judgeFile({
    name,
    bytes: held,
    role: roleOfName(basename(name)) ?? "image",
    room: subject.usualRoom,
  });
  const version = image === undefined ? [] : checkOtaVersion(ota, image, file);
  const isCopy = twin !== undefined && differences.length === 0;
  const told = isCopy ? [] : inside.map((finding) => ({ ...finding, file, field: `image.${finding.field}` }));
  return { findings: [...findings, ...differences, ...version, ...told], image: isCopy ? undefined : image };
}

function readTwin({ folder, path }: Subject): Uint8Array | undefined {
  const name = imageNameOf(path);
  if (name === undefined) return undefined;
  const twin = orFindings(name, "unreadable", () => folder.read(name));
  return twin instanceof Uint8Array ? twin : undefined;
}

/** What `work` gives, or what it throws of damaged and missing files as findings. */
function orFindings<T>(file: string, rule: Rule, work: () => T): T | Finding[] {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    return flawsOf(error).map((flaw) => ({ severity: "error", file, rule, ...flaw }));
  }
}
