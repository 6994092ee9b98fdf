import { HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { BootRom } from "../session/rom.js";
import type { Session } from "../session/session.js";
import { type Observer, SILENT, stopwatch } from "../session/stage.js";
import type { Plan } from "./plan.js";

/** A range of flash and what its bytes must hash to. */
export interface Expectation {
  readonly file: string;
  readonly address: number;
  readonly bytes: number;
  /** 64 hex digits. */
  readonly sha256: string;
}

/** SHA-256 of a range of flash, computed by the module through its memory-mapped path. */
export async function hashRange(rom: BootRom, address: number, length: number, deadline: Deadline): Promise<string> {
  await rom.request("xipReadStart", {}, deadline);
  const { digest } = await rom.request("flashXipReadSha", { address, length }, deadline);
  await rom.request("xipReadFinish", {}, deadline);
  return Buffer.from(digest).toString("hex");
}

/** @throws HarnessError VERIFY_MISMATCH naming file, address, expected and found. */
export async function verifyRange(
  rom: BootRom,
  { file, address, bytes, sha256 }: Expectation,
  deadline: Deadline,
): Promise<void> {
  let found = await hashRange(rom, address, bytes, deadline);
  // An answer has no checksum: a second one tells a damaged answer from damaged flash.
  if (found !== sha256) found = await hashRange(rom, address, bytes, deadline);
  if (found === sha256) return;
  throw new HarnessError(
    "VERIFY_MISMATCH",
    `${file}: ${bytes} bytes at ${hexNumber(address)}: expected SHA-256 ${sha256}, found ${found}`,
    { details: { file, address, bytes, expected: sha256, found } },
  );
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
    const found = await timed(`verify ${file}`, () => hashRange(rom, address, bytes, deadline), bytes);
    if (found !== sha256) different.push({ expected, found });
  }
  return different;
}
