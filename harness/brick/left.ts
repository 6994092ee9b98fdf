import { createHash } from "node:crypto";
import type { Deadline } from "../base/time.js";
import type { Plan } from "../flash/plan.js";
import { readFlash } from "../flash/read.js";
import { hashRange } from "../flash/verify.js";
import type { Session } from "../session/session.js";
import { writesOf } from "./moments.js";

const SECTOR_BYTES = 4096;

/** What a file's range holds after an interruption. */
export interface LeftFile {
  readonly file: string;
  readonly address: number;
  readonly bytes: number;
  /** `partly`: it begins as the file does, and what lies behind is blank but for the sector in which it stops. */
  readonly state: "whole" | "blank" | "partly" | "other";
  /** So many bytes from its beginning are the file's. */
  readonly rightBytes: number;
  /** The sector in which it stops being the file, as far as the file goes in it. */
  readonly sector?: { readonly address: number; readonly data: Uint8Array };
}

/**
 * What is in the flash of what a plan writes: by hashes of the module, each twice as close to where a file stops as the
 * one before, and one sector that is read.
 *
 * @throws HarnessError what `hashRange` and `readFlash` throw.
 */
export async function leftOf(session: Session, plan: Plan, deadline: Deadline): Promise<LeftFile[]> {
  const left: LeftFile[] = [];
  for (const { file, address, plain } of writesOf(plan))
    left.push(await leftIn(session, { file, address, plain }, deadline));
  return left;
}

interface Wanted {
  readonly file: string;
  readonly address: number;
  readonly plain: Uint8Array;
}

async function leftIn(session: Session, wanted: Wanted, deadline: Deadline): Promise<LeftFile> {
  const { file, address, plain } = wanted;
  const place = { file, address, bytes: plain.length };
  const holds = async (start: number, bytes: Uint8Array) =>
    bytes.length === 0 || (await hashRange(session.rom, address + start, bytes.length, deadline)) === sha256Of(bytes);
  if (await holds(0, plain)) return { ...place, state: "whole", rightBytes: plain.length };
  if (await holds(0, blank(plain.length))) return { ...place, state: "blank", rightBytes: 0 };
  const first = await lastStart(wanted, (end) => holds(0, plain.subarray(0, end)));
  const end = sectorEnd(address, first, plain.length);
  const data = await readFlash(session, address + first, end - first, deadline);
  const rightBytes = first + sameBytes(data, plain.subarray(first, end));
  const behind = rightBytes > 0 && (await holds(end, blank(plain.length - end)));
  const sector = { address: address + first, data };
  return { ...place, state: behind ? "partly" : "other", rightBytes, sector };
}

/** Where the last sector begins up to which all is right. @param isRight whether the file is, up to there. */
async function lastStart({ address, plain }: Wanted, isRight: (end: number) => Promise<boolean>): Promise<number> {
  const starts = [0];
  for (let at = sectorEnd(address, 0, plain.length); at < plain.length; at = sectorEnd(address, at, plain.length))
    starts.push(at);
  let good = 0;
  for (let bad = starts.length; bad - good > 1; ) {
    const middle = (good + bad) >> 1;
    if (await isRight(starts[middle] ?? 0)) good = middle;
    else bad = middle;
  }
  return starts[good] ?? 0;
}

/** The end, within the file, of the sector in which its byte `at` lies. */
const sectorEnd = (address: number, at: number, bytes: number): number =>
  Math.min(bytes, at + SECTOR_BYTES - ((address + at) % SECTOR_BYTES));

function sameBytes(one: Uint8Array, other: Uint8Array): number {
  const at = one.findIndex((byte, index) => byte !== other[index]);
  return at < 0 ? one.length : at;
}

const blank = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0xff);

const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** `boot2 whole, partition blank, FW 4096 of 1489024 bytes` */
export const tellLeft = (left: readonly LeftFile[]): string =>
  left.map(({ file, state, rightBytes, bytes }) => `${file} ${TOLD[state](rightBytes, bytes)}`).join(", ");

const TOLD: Readonly<Record<LeftFile["state"], (right: number, bytes: number) => string>> = {
  whole: () => "whole",
  blank: () => "blank",
  partly: (right, bytes) => `${right} of ${bytes} bytes, blank behind them`,
  other: (right) => (right === 0 ? "something else" : `something else, behind ${right} bytes that are right`),
};
