import { createHash } from "node:crypto";
import { HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { BootRom } from "../session/rom.js";
import type { Session } from "../session/session.js";
import { type Observer, SILENT, stopwatch } from "../session/stage.js";
import type { Plan } from "./plan.js";
import { readFlash } from "./read.js";

/** A range of flash and what its bytes must hash to. */
export interface Expectation {
  readonly file: string;
  readonly address: number;
  readonly bytes: number;
  /** 64 hex digits. */
  readonly sha256: string;
}

/**
 * SHA-256 of a range of flash, computed by the module through its memory-mapped path. Of a device that does not hash, the
 * range is read, and hashed here; that is noted once.
 *
 * @returns 64 hex digits.
 */
export async function hashRange(
  rom: BootRom,
  address: number,
  length: number,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<string> {
  if (!lacksHash(rom)) {
    const digest = await askForHash(rom, address, length, deadline);
    if (digest !== undefined) return Buffer.from(digest).toString("hex");
    observer.note?.("the device does not hash its flash (0x60, 0x3E): it is read back instead");
  }
  return createHash("sha256")
    .update(await readFlash({ rom }, address, length, deadline, observer))
    .digest("hex");
}

const lacksHash = (rom: BootRom): boolean => rom.lacks("xipReadStart") || rom.lacks("flashXipReadSha");

async function askForHash(
  rom: BootRom,
  address: number,
  length: number,
  deadline: Deadline,
): Promise<Uint8Array | undefined> {
  if ((await rom.ask("xipReadStart", {}, deadline)) === undefined) return undefined;
  const answer = await rom.ask("flashXipReadSha", { address, length }, deadline);
  await rom.ask("xipReadFinish", {}, deadline);
  return answer?.digest;
}

/**
 * An answer has no checksum: a second one tells damaged answers from damaged flash.
 *
 * @throws HarnessError VERIFY_MISMATCH naming file, address, expected and found; REPLY_MALFORMED for two wrong answers that
 * differ from each other.
 */
export async function verifyRange(
  rom: BootRom,
  { file, address, bytes, sha256 }: Expectation,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<void> {
  const first = await hashRange(rom, address, bytes, deadline, observer);
  if (first === sha256) return;
  const found = await hashRange(rom, address, bytes, deadline, observer);
  if (found === sha256) return;
  const where = `${file}: ${bytes} bytes at ${hexNumber(address)}`;
  if (found !== first) {
    throw new HarnessError("REPLY_MALFORMED", `${where}: the SHA-256 was asked twice: ${first}, then ${found}`, {
      details: { file, address, bytes, expected: sha256, found: [first, found] },
    });
  }
  throw new HarnessError("VERIFY_MISMATCH", `${where}: expected SHA-256 ${sha256}, found ${found}`, {
    details: { file, address, bytes, expected: sha256, found },
  });
}

/** Compares every file of a plan with the flash, whatever comes out. @returns the files that differ. */
export async function verifyPlan(
  { rom }: Session,
  plan: Plan,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<{ readonly expected: Expectation; readonly found: string }[]> {
  const timed = stopwatch(deadline, observer);
  const different = [];
  for (const expected of plan.steps) {
    if (expected.op !== "verify") continue;
    const { file, address, bytes, sha256 } = expected;
    const found = await timed(`verify ${file}`, () => hashRange(rom, address, bytes, deadline, observer), bytes);
    if (found !== sha256) different.push({ expected, found });
  }
  return different;
}
