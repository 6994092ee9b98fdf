import { createHash } from "node:crypto";
import { HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";
import { tellFinding } from "../firmware/finding.js";
import type { Image } from "../firmware/image.js";
import type { FlashSet, Range } from "../firmware/package.js";
import {
  cutOut,
  endOf,
  type LeftOut,
  type Part,
  refuseSharedSectors,
  sectorsOf,
  splitAround,
  tellLosses,
} from "./parts.js";
import type { KeptStreams } from "./sent.js";
import type { Step } from "./step.js";
import { writeOf } from "./write-step.js";

/** A way into the flash, decided and checked before the first byte is sent. */
export interface Plan {
  readonly label: string;
  readonly steps: readonly Step[];
  /** Flash that the module must have, in bytes. */
  readonly flashBytes: number;
  /** Ranges that are neither erased nor written nor verified: nothing on the way may erase the whole chip. */
  readonly keeps: readonly Range[];
  /** What of its files lies in them. */
  readonly leftOut: readonly LeftOut[];
  /** The signed images in it: they belong on a locked module that bears their key. Empty for a raw plan. */
  readonly signed: readonly Image[];
  /** What is odd and forbids nothing. */
  readonly warnings: readonly string[];
}

/** What a plan is made of: a firmware of a package, the files of an ini, or one file. */
export type Job = Pick<FlashSet, "label" | "files" | "erase" | "skip" | "findings">;

export interface PlanOptions {
  /** In place of the ini's. `needed`: every sector that a file touches, whatever else lies in it. */
  readonly erase?: "none" | "needed" | "chip" | undefined;
  /** `auto`: xz where the file is over 4096 bytes and xz makes it smaller. */
  readonly compress?: "auto" | "off" | undefined;
  /** `read`: every byte is read back too. */
  readonly verify?: "hash" | "read" | undefined;
  /** Where streams of earlier processes are looked for, and those of this one are left. */
  readonly kept?: KeptStreams | undefined;
  /** Bytes as they are: findings do not count, and images are not held to the module. */
  readonly raw?: boolean | undefined;
}

/**
 * The plan of the vendor's tool: one chip erase or an erase before each file, then each file in ascending order: flash
 * block, write, write check, hash. One thing is added where files are erased one by one: the range of an erase that a
 * line has damaged may pass the sum of its frame (a zero byte that comes twice adds nothing) and be obeyed elsewhere without
 * a complaint, so what was proven before the last erase is hashed once more at the end. A write that went astray needs
 * none of that: its own file lacks it.
 *
 * @throws HarnessError IMAGE_INVALID with all that is wrong with the images; PLAN_INVALID.
 */
export function planOf(job: Job, options: PlanOptions = {}): Plan {
  const findings = options.raw ? [] : job.findings;
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    throw new HarnessError("IMAGE_INVALID", errors.map(tellFinding).join("\n"), { details: { findings: errors } });
  }
  const parts = job.files.flatMap((file) => splitAround(file, job.skip));
  const erase = eraseOf(job, options);
  if (erase === "chip" && job.skip.length > 0) {
    throw new HarnessError(
      "PLAN_INVALID",
      `${job.label}: a chip erase keeps no skipped range: ${tellRanges(job.skip)}`,
    );
  }
  refuseNothing(job, parts);
  if (erase === "each") refuseSharedSectors(parts, job.skip);
  if (erase === "needed") for (const part of parts) refuseSharedSectors([part], job.skip);
  const needed = erase === "needed" ? sectorsOf(parts) : [];
  const steps = parts.flatMap((part) => stepsOf(part, erase === "each", options));
  const proven = erase === "each" ? parts.slice(0, -1) : [];
  const again = proven.map((part): Step => ({ ...hashOf(part), op: "verify-again" }));
  const blanks = erase === "none" ? parts.map(blankCheckOf) : [];
  const images = job.files.flatMap(({ image }) => (image === undefined ? [] : [image]));
  return {
    label: job.label,
    steps: [...(erase === "chip" ? [{ op: "erase-chip" } as const] : []), ...needed, ...blanks, ...steps, ...again],
    flashBytes: Math.max(...parts.map(endOf)),
    keeps: job.skip,
    leftOut: job.files.flatMap((file) => cutOut(file, job.skip)),
    signed: options.raw ? [] : images.filter(({ header }) => header.flags.sign !== 0),
    warnings: [...findings.map(tellFinding), ...(erase === "needed" ? tellLosses(parts, needed) : [])],
  };
}

/** Work that does nothing would always succeed. */
function refuseNothing({ label, skip }: Job, parts: readonly Part[]): void {
  if (parts.length === 0)
    throw new HarnessError("PLAN_INVALID", `${label}: nothing is left of its files: ${tellRanges(skip)} is skipped`);
  const beyond = parts.find((part) => endOf(part) > REACHED_BYTES);
  if (beyond === undefined) return;
  const { file, address, bytes } = beyond;
  const range = `${bytes.length} bytes at ${hexNumber(address)}`;
  throw new HarnessError(
    "PLAN_INVALID",
    `${file}: ${range}: no flash of a module reaches beyond ${hexNumber(REACHED_BYTES)}`,
  );
}

/** What three address bytes reach: no part that the boot ROM knows is larger. */
const REACHED_BYTES = 0x100_0000;

const tellRanges = (ranges: readonly Range[]): string =>
  ranges.map(({ address, bytes }) => `${hexNumber(address)} to ${hexNumber(address + bytes - 1)}`).join(", ");

/** Where nothing is erased, only a blank range takes what is written. */
function blankCheckOf(part: Part): Step {
  const { file, ...hash } = hashOf(part);
  return { op: "blank-check", of: file, ...hash };
}

const INI_ERASE = ["none", "each", "chip"] as const;

const eraseOf = ({ erase }: Job, options: PlanOptions): "none" | "each" | "needed" | "chip" =>
  options.erase ?? INI_ERASE[erase];

function hashOf({ file, address, bytes }: Part) {
  return { file, address, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function stepsOf(part: Part, erase: boolean, options: PlanOptions): Step[] {
  const { file, address, bytes } = part;
  const hash = hashOf(part);
  return [
    { op: "parameters", file },
    ...(erase ? [{ op: "erase", start: address, end: endOf(part) } as const] : []),
    writeOf(part, options, hash.sha256),
    { op: "write-check", file },
    { op: "verify", ...hash },
    ...(options.verify === "read" ? [{ op: "read-back", file, address, data: bytes } as const] : []),
  ];
}
