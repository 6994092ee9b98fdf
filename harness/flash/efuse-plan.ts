import { HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";
import {
  changesOf,
  demandsSignature,
  type FuseChange,
  hexWord,
  isZero,
  KEY_HASH,
  MAC,
  wordAt,
} from "./efuse-fields.js";
import { hidden, writeLocked } from "./efuse-locks.js";

/** Something that a burn cannot give. */
export interface FuseConflict {
  readonly field: string;
  readonly at: number;
  readonly problem: string;
  /** Nothing is burned as long as this stands; else it is told, and the fuses concerned stay as they are. */
  readonly forbids: boolean;
}

/** One write command. Fuses only go from 0 to 1: its zeros change nothing. */
export interface FuseWrite {
  readonly address: number;
  readonly data: Uint8Array;
}

/** A burn, decided and checked before anything is sent. */
export interface EfusePlan {
  /** All fuses that it was made on. */
  readonly current: Uint8Array;
  /** All bits that must read as 1 afterwards. */
  readonly wanted: Uint8Array;
  readonly changes: readonly FuseChange[];
  readonly conflicts: readonly FuseConflict[];
  /** Empty when the fuses hold all of it: nothing is sent then. */
  readonly writes: readonly FuseWrite[];
}

/** The vendor's blocks: each is written in two, its last word, which holds lock bits, after all else. */
const BLOCKS = [
  { at: 0x000, bytes: 128 },
  { at: 0x080, bytes: 128 },
  { at: 0x100, bytes: 256 },
] as const;
const LOCK_BYTES = 4;
/** The lock word is written as the end of so many bytes. */
const LOCK_WRITE_BYTES = 16;
const WORD_BYTES = 4;

/**
 * Which fuses go from 0 to 1, and what stands against it. What cannot be read is left alone: it may hold it already.
 *
 * @param current all 512 bytes, as the module tells them.
 * @param wanted all 512 bytes; `mask`: of each of them the bits that are spoken of.
 */
export function efusePlan(current: Uint8Array, wanted: Uint8Array, mask: Uint8Array): EfusePlan {
  const burnable = Uint8Array.from(wanted);
  const unread = hidden(current).filter((region) => !isZero(wanted, region));
  for (const { at, bytes } of unread) burnable.fill(0, at, at + bytes);
  const after = current.map((byte, index) => byte | (burnable[index] ?? 0));
  const conflicts = [
    ...unread.map(({ name, at }) => told(name, at, "cannot be read: it is left as it is, and not verified")),
    ...lockedAgainst(current, after),
    ...mixed(current, after, burnable),
    ...keyless(current, after),
    ...staying(current, wanted, mask),
  ];
  return {
    current,
    wanted: burnable,
    changes: changesOf(current, after),
    conflicts,
    writes: writesOf(burnable).filter(({ address, data }) =>
      data.some((byte, index) => (byte & ~(current[address + index] ?? 0)) !== 0),
    ),
  };
}

/** @throws HarnessError PLAN_INVALID with all that forbids the plan. */
export function refuseForbidden({ conflicts }: EfusePlan, module: string): void {
  const forbidding = conflicts.filter(({ forbids }) => forbids);
  if (forbidding.length === 0) return;
  throw new HarnessError("PLAN_INVALID", forbidding.map((one) => `${module}: ${tellConflict(one)}`).join("\n"), {
    details: { conflicts: forbidding },
    advice: "No fuse was burned. Make a file of fuses that suits what this module holds already.",
  });
}

export const tellConflict = ({ field, at, problem }: FuseConflict): string =>
  `${field} at ${hexNumber(at)}: ${problem}`;

const told = (field: string, at: number, problem: string): FuseConflict => ({ field, at, problem, forbids: false });
const forbidden = (field: string, at: number, problem: string): FuseConflict => ({ field, at, problem, forbids: true });

/** A write to it would be ignored without a word. */
const lockedAgainst = (current: Uint8Array, after: Uint8Array): FuseConflict[] =>
  writeLocked(current)
    .filter((region) => !Buffer.from(rangeOf(current, region)).equals(rangeOf(after, region)))
    .map(({ name, at }) => forbidden(name, at, "is write-locked, and lacks bits that are wanted"));

/** A key hash of the old and the new one is nobody's key, and no image would ever boot again. */
function mixed(current: Uint8Array, after: Uint8Array, burnable: Uint8Array): FuseConflict[] {
  const values = [
    { name: "key hash", ...KEY_HASH },
    { name: "MAC", ...MAC },
  ];
  return values.flatMap((value) => {
    const [was, becomes, wish] = [current, after, burnable].map((bytes) =>
      Buffer.from(rangeOf(bytes, value)).toString("hex"),
    );
    if (was === becomes || becomes === wish) return [];
    return [
      forbidden(
        value.name,
        value.at,
        `expected the bytes ${wish}, but ${was} are fused: a mix of both would come of it`,
      ),
    ];
  });
}

const keyless = (current: Uint8Array, after: Uint8Array): FuseConflict[] =>
  demandsSignature(after) && !demandsSignature(current) && isZero(after, KEY_HASH)
    ? [
        forbidden(
          "key hash",
          KEY_HASH.at,
          "is empty or cannot be read, and sign_cfg would be set: no image might ever boot again",
        ),
      ]
    : [];

function staying(current: Uint8Array, wanted: Uint8Array, mask: Uint8Array): FuseConflict[] {
  const stuck = current.map((byte, index) => byte & (mask[index] ?? 0) & ~(wanted[index] ?? 0));
  const conflicts: FuseConflict[] = [];
  for (let at = 0; at < stuck.length; at += WORD_BYTES) {
    const bits = wordAt(stuck, at);
    if (bits !== 0) conflicts.push(told("word", at, `the bits ${hexWord(bits)} are wanted 0 and fused: they stay`));
  }
  return conflicts;
}

function writesOf(wanted: Uint8Array): FuseWrite[] {
  return BLOCKS.flatMap((block) => {
    const end = block.at + block.bytes;
    const data = new Uint8Array(block.bytes);
    data.set(wanted.subarray(block.at, end - LOCK_BYTES));
    const locks = new Uint8Array(LOCK_WRITE_BYTES);
    locks.set(wanted.subarray(end - LOCK_BYTES, end), LOCK_WRITE_BYTES - LOCK_BYTES);
    return [
      { address: block.at, data },
      { address: end - LOCK_WRITE_BYTES, data: locks },
    ];
  });
}

const rangeOf = (bytes: Uint8Array, { at, bytes: length }: { readonly at: number; readonly bytes: number }) =>
  bytes.subarray(at, at + length);
