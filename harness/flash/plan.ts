import { createHash } from "node:crypto";
import { HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";
import { checkFlashSet, type Finding } from "../firmware/check.js";
import type { FlashFile, FlashSet, Range } from "../firmware/package.js";
import { xzCompress } from "../native/xz.js";

const SECTOR_BYTES = 4096;
/** The vendor compresses files over 4096 bytes; smaller ones go plainly. */
const XZ_ABOVE_BYTES = 4096;

/** What will be done to the flash, in order. Addresses and lengths are in bytes; `end` is the first byte not meant. */
export type Step =
  | { readonly op: "erase-chip" }
  /** The vendor's 84-byte flash block; left out when the module knows its flash. */
  | { readonly op: "parameters"; readonly file: string }
  | { readonly op: "erase"; readonly start: number; readonly end: number }
  | {
      readonly op: "write";
      readonly file: string;
      readonly address: number;
      readonly bytes: number;
      /** What goes over the line: the bytes themselves, or one complete xz stream of them. */
      readonly payload: Uint8Array;
      readonly mode: "plain" | "xz";
    }
  | { readonly op: "write-check"; readonly file: string }
  | {
      readonly op: "verify";
      readonly file: string;
      readonly address: number;
      readonly bytes: number;
      readonly sha256: string;
    };

/** A package's way into the flash, decided and checked before the first byte is sent. */
export interface Plan {
  readonly label: string;
  readonly steps: readonly Step[];
  /** Flash that the module must have, in bytes. */
  readonly flashBytes: number;
  /** Some image is signed: it belongs on a locked module only. */
  readonly signed: boolean;
  /** What is odd and forbids nothing. */
  readonly warnings: readonly Finding[];
}

interface Part {
  readonly file: string;
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly xz: Uint8Array | undefined;
}

/**
 * The plan of the vendor's tool for a package: one chip erase or an erase before each file, then each file in ascending
 * order: flash block, write, write check, hash.
 *
 * @throws HarnessError IMAGE_INVALID with all that is wrong with the images; PLAN_INVALID.
 */
export function planOf(set: FlashSet): Plan {
  const findings = checkFlashSet(set);
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    throw new HarnessError("IMAGE_INVALID", errors.map(tellFinding).join("\n"), { details: { findings: errors } });
  }
  const parts = set.files.flatMap((file) => splitAround(file, set.skip));
  if (set.erase === 1) refuseSharedSectors(parts, set.skip);
  const erase = set.erase === 1;
  const steps = parts.flatMap((part) => stepsOf(part, erase));
  return {
    label: set.label,
    steps: set.erase === 2 ? [{ op: "erase-chip" }, ...steps] : steps,
    flashBytes: Math.max(...parts.map(endOf)),
    signed: set.files.some(({ image }) => image?.header.flags.sign !== 0 && image !== undefined),
    warnings: findings,
  };
}

export const tellFinding = ({ file, rule, field, offset, expected, found }: Finding): string =>
  `${file}: ${rule}: ${field}${offset === undefined ? "" : ` at ${hexNumber(offset)}`}: expected ${expected}, found ${found}`;

function stepsOf(part: Part, erase: boolean): Step[] {
  const { file, address, bytes } = part;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return [
    { op: "parameters", file },
    ...(erase ? [{ op: "erase", start: address, end: endOf(part) } as const] : []),
    { op: "write", file, address, bytes: bytes.length, ...payloadOf(part, sha256) },
    { op: "write-check", file },
    { op: "verify", file, address, bytes: bytes.length, sha256 },
  ];
}

const compressed = new Map<string, Uint8Array>();

function payloadOf({ bytes, xz }: Part, sha256: string): { payload: Uint8Array; mode: "plain" | "xz" } {
  if (bytes.length <= XZ_ABOVE_BYTES) return { payload: bytes, mode: "plain" };
  const stream = xz ?? compressed.get(sha256) ?? xzCompress(bytes);
  compressed.set(sha256, stream);
  return stream.length < bytes.length ? { payload: stream, mode: "xz" } : { payload: bytes, mode: "plain" };
}

/** The pieces of a file that are left when the skipped ranges are cut out of it. */
function splitAround({ section, address, bytes, xz }: FlashFile, skip: readonly Range[]): Part[] {
  const whole: Part = { file: section, address, bytes, xz };
  const cuts = skip.filter(
    (range) => range.bytes > 0 && range.address < endOf(whole) && range.address + range.bytes > address,
  );
  if (cuts.length === 0) return [whole];
  const parts: Part[] = [];
  let at = address;
  const keep = (end: number) => {
    if (end > at)
      parts.push({ file: section, address: at, bytes: bytes.subarray(at - address, end - address), xz: undefined });
  };
  for (const cut of [...cuts].sort((a, b) => a.address - b.address)) {
    keep(Math.min(cut.address, endOf(whole)));
    at = Math.max(at, cut.address + cut.bytes);
  }
  keep(endOf(whole));
  return parts;
}

/** An erase takes whole sectors: what else lies in them would be lost. */
function refuseSharedSectors(parts: readonly Part[], skip: readonly Range[]): void {
  const kept = skip
    .filter(({ bytes }) => bytes > 0)
    .map(({ address, bytes }) => ({ what: "a skipped range", start: address, end: address + bytes }));
  const written = parts.map((part) => ({ what: part.file, start: part.address, end: endOf(part) }));
  for (const [index, part] of written.entries()) {
    const start = Math.floor(part.start / SECTOR_BYTES) * SECTOR_BYTES;
    const end = Math.ceil(part.end / SECTOR_BYTES) * SECTOR_BYTES;
    const lost = [...kept, ...written.slice(0, index)].find((other) => other.start < end && other.end > start);
    if (lost === undefined) continue;
    throw new HarnessError(
      "PLAN_INVALID",
      `erasing for ${part.what} (${hexNumber(start)} to ${hexNumber(end)}) would also erase ${lost.what} at ${hexNumber(lost.start)}`,
    );
  }
}

const endOf = ({ address, bytes }: Part): number => address + bytes.length;

/** One line a step, as `--dry-run` shows it. */
export function tellStep(step: Step): string {
  switch (step.op) {
    case "erase-chip":
      return "erase the whole chip";
    case "parameters":
      return `${step.file}: send the flash block, unless the module knows its flash`;
    case "erase":
      return `erase ${hexNumber(step.start)} to ${hexNumber(step.end - 1)}`;
    case "write":
      return `${step.file}: write ${step.bytes} bytes at ${hexNumber(step.address)}, ${step.mode}, ${step.payload.length} on the line`;
    case "write-check":
      return `${step.file}: ask for write errors`;
    case "verify":
      return `${step.file}: compare the SHA-256 of ${step.bytes} bytes at ${hexNumber(step.address)} with ${step.sha256.slice(0, 16)}…`;
  }
}

/** A step as a program reads it: the payload's length instead of its bytes. */
export function describeStep(step: Step): Readonly<Record<string, unknown>> {
  if (step.op !== "write") return step;
  const { payload, ...rest } = step;
  return { ...rest, lineBytes: payload.length };
}
