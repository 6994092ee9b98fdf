import { createHash } from "node:crypto";
import { HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { BootRom } from "../session/rom.js";
import type { Session } from "../session/session.js";
import { type Observer, SILENT, stopwatch } from "../session/stage.js";
import { type Differing, differingSectors } from "./differing.js";
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
  const knewBefore = lacksHash(rom);
  const digest = await ownHash(rom, address, length, deadline);
  if (digest !== undefined) return digest;
  if (!knewBefore) observer.note?.("the device does not hash its flash (0x60, 0x3E): it is read back instead");
  return sha256Of(await readFlash({ rom }, address, length, deadline, observer));
}

const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const lacksHash = (rom: BootRom): boolean => rom.lacks("xipReadStart") || rom.lacks("flashXipReadSha");

/** SHA-256 of a range, by the module alone. @returns 64 hex digits; `undefined`: the device does not hash. */
export async function ownHash(
  rom: BootRom,
  address: number,
  length: number,
  deadline: Deadline,
): Promise<string | undefined> {
  if (lacksHash(rom) || (await rom.ask("xipReadStart", {}, deadline)) === undefined) return undefined;
  const answer = await rom.ask("flashXipReadSha", { address, length }, deadline);
  await rom.ask("xipReadFinish", {}, deadline);
  return answer && Buffer.from(answer.digest).toString("hex");
}

/**
 * What a range hashes to. An answer has no checksum: where it is not the expected one, a second one tells damaged answers
 * from damaged flash.
 *
 * @throws HarnessError REPLY_MALFORMED for two wrong answers that differ from each other.
 */
async function foundIn(
  rom: BootRom,
  { file, address, bytes, sha256 }: Expectation,
  deadline: Deadline,
  observer: Observer,
): Promise<string> {
  const first = await hashRange(rom, address, bytes, deadline, observer);
  if (first === sha256) return first;
  const second = await hashRange(rom, address, bytes, deadline, observer);
  if (second === sha256 || second === first) return second;
  throw new HarnessError(
    "REPLY_MALFORMED",
    `${file}: ${bytes} bytes at ${hexNumber(address)}: the SHA-256 was asked twice: ${first}, then ${second}`,
    { details: { file, address, bytes, expected: sha256, found: [first, second] } },
  );
}

/**
 * @throws HarnessError VERIFY_MISMATCH naming file, address, expected and found; REPLY_MALFORMED for two wrong answers that
 * differ from each other.
 */
export async function verifyRange(
  rom: BootRom,
  expected: Expectation,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<void> {
  const found = await foundIn(rom, expected, deadline, observer);
  const { file, address, bytes, sha256 } = expected;
  if (found === sha256) return;
  throw new HarnessError(
    "VERIFY_MISMATCH",
    `${file}: ${bytes} bytes at ${hexNumber(address)}: expected SHA-256 ${sha256}, found ${found}`,
    { details: { file, address, bytes, expected: sha256, found } },
  );
}

/**
 * Where nothing may be erased, what is written must find blank cells, or the same bytes.
 *
 * @throws HarnessError FLASH_NOT_BLANK before anything is written.
 */
export async function refuseUsed(
  rom: BootRom,
  { of: file, address, bytes, sha256 }: Omit<Expectation, "file"> & { readonly of: string },
  deadline: Deadline,
  observer: Observer,
): Promise<void> {
  const blank = sha256Of(new Uint8Array(bytes).fill(0xff));
  const found = await foundIn(rom, { file, address, bytes, sha256: blank }, deadline, observer);
  if (found === blank || found === sha256) return;
  const range = `${hexNumber(address)} to ${hexNumber(address + bytes - 1)}`;
  throw new HarnessError(
    "FLASH_NOT_BLANK",
    `${file}: expected ${range} blank, since nothing is to be erased; other data is there, and nothing was written`,
    { details: { file, address, bytes, found } },
  );
}

/** A file that differs, and where. */
interface Difference extends Differing {
  readonly expected: Expectation;
  readonly found: string;
}

/**
 * Compares every file of a plan with the flash, whatever comes out.
 *
 * @returns the files that differ.
 * @throws HarnessError REPLY_MALFORMED for two wrong answers that differ from each other.
 */
export async function verifyPlan(
  { rom }: Session,
  plan: Plan,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<Difference[]> {
  const timed = stopwatch(deadline, observer);
  const different: Difference[] = [];
  for (const expected of plan.steps) {
    if (expected.op !== "verify") continue;
    const { file, bytes } = expected;
    const found = await timed(`verify ${file}`, () => foundIn(rom, expected, deadline, observer), bytes);
    if (found === expected.sha256) continue;
    different.push({ expected, found, ...(await differingSectors({ rom }, plan, expected.address, deadline)) });
  }
  return different;
}

/**
 * Reads a range and compares it with the module's own hash of it. Where they differ, both are asked for once more: either
 * answer may be the damaged one.
 *
 * @returns the bytes; `proven: false` of a device that does not hash, which is noted.
 * @throws HarnessError REPLY_MALFORMED when what is read the second time has none of the two hashes; what `readFlash` throws.
 */
export async function readProven(
  session: Pick<Session, "rom" | "rig">,
  start: number,
  length: number,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<{ readonly data: Uint8Array; readonly proven: boolean }> {
  const { rom } = session;
  const hashes: string[] = [];
  for (;;) {
    const data = await readFlash(session, start, length, deadline, observer);
    const hash = await ownHash(rom, start, length, deadline);
    if (hash === undefined) {
      observer.note?.("the device does not hash its flash (0x60, 0x3E): what was read is unproven");
      return { data, proven: false };
    }
    hashes.push(hash);
    const read = sha256Of(data);
    if (hashes.includes(read)) return { data, proven: true };
    const where = `${length} bytes at ${hexNumber(start)}`;
    const differ = `what was read has the SHA-256 ${read}, the module's own is ${hash}`;
    if (hashes.length > 1) throw new HarnessError("REPLY_MALFORMED", `${where} were read twice: ${differ}`);
    observer.note?.(`${where}: ${differ}; read once more`);
  }
}
