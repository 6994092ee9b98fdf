import { hexNumber } from "../base/hex.js";
import { view } from "../protocol/fields.js";
import { decodeFuses, type Fuses } from "../protocol/fuses.js";

/** A field whose fuses differ, in words. */
export interface FuseChange {
  readonly field: string;
  /** Byte offset in the fuse map. */
  readonly at: number;
  readonly before: string;
  readonly after: string;
}

/** A run of fuses with a meaning. */
interface Field {
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
  /** The bits that count, in a field of one word. */
  readonly bits?: number;
  readonly tell: (fuses: Fuses) => string;
}

const WORD_BYTES = 4;
const ALL_BITS = 0xffff_ffff;

const bit = (name: string, at: number, bits: number, set: string, clear: string): Field => ({
  name,
  at,
  bytes: WORD_BYTES,
  bits,
  tell: ({ bytes }) => ((wordAt(bytes, at) & bits) === 0 ? clear : set),
});

const word = (name: string, at: number): Field => ({
  name,
  at,
  bytes: WORD_BYTES,
  tell: ({ bytes }) => hexWord(wordAt(bytes, at)),
});

const SW_USAGE_0_AT = 0x5c;
const SIGN_CFG = 0x80;
export const MAC = { at: 0x14, bytes: 6 } as const;
export const KEY_HASH = { at: 0x1c, bytes: 32 } as const;

/**
 * What has a name, by the vendor's script that reads chip information and by public SDKs of the family. The flags come
 * before the words that they are bits of.
 */
const FIELDS: readonly Field[] = [
  { name: "key hash", ...KEY_HASH, tell: ({ keyHash }) => keyHash ?? "empty" },
  bit("sign_cfg: signed images only", SW_USAGE_0_AT, SIGN_CFG, "yes", "no"),
  bit("boot from flash", SW_USAGE_0_AT, 0x08, "disabled", "enabled"),
  bit("boot ROM on the UART", SW_USAGE_0_AT, 0x10, "disabled", "enabled"),
  {
    name: "JTAG",
    at: 0x00,
    bytes: WORD_BYTES,
    bits: 3 << 26,
    tell: ({ jtagDisabled }) => (jtagDisabled ? "disabled" : "enabled"),
  },
  bit("anti-rollback", 0x7c, 0x1000, "enabled", "disabled"),
  { name: "anti-rollback of boot2", at: 0x170, bytes: 16, tell: ({ antiRollback }) => `${antiRollback.boot2}` },
  {
    name: "anti-rollback of the application",
    at: 0x180,
    bytes: 32,
    tell: ({ antiRollback }) => `${antiRollback.application}`,
  },
  {
    name: "application's signature type",
    at: 0xdc,
    bytes: WORD_BYTES,
    bits: 3 << 26,
    tell: ({ bytes }) => `${(wordAt(bytes, 0xdc) >>> 26) & 3}`,
  },
  { name: "MAC", ...MAC, tell: ({ mac }) => mac },
  { name: "part number", at: 0x100, bytes: 24, tell: ({ partNumber }) => partNumber ?? "none" },
  word("sw_usage_0", SW_USAGE_0_AT),
  word("sw_usage_1", 0x60),
  word("lock word 0", 0x7c),
  word("lock word 1", 0xfc),
];

/** What differs between two fuse maps: named fields first, then whatever no field has told, word for word. */
export function changesOf(before: Uint8Array, after: Uint8Array): FuseChange[] {
  const differs = before.map((byte, index) => byte ^ (after[index] ?? 0));
  const untold = Uint8Array.from(differs);
  const [was, becomes] = [decodeFuses(before), decodeFuses(after)];
  const changes = FIELDS.flatMap((field): FuseChange[] => {
    const change = { field: field.name, at: field.at, before: field.tell(was), after: field.tell(becomes) };
    if (!touches(differs, field) || change.before === change.after) return [];
    clear(untold, field);
    return [change];
  });
  for (let at = 0; at < untold.length; at += WORD_BYTES) {
    if (wordAt(untold, at) === 0) continue;
    const [old, now] = [before, after].map((bytes) => hexWord(wordAt(bytes, at))) as [string, string];
    changes.push({ field: `word ${hexNumber(at)}`, at, before: old, after: now });
  }
  return changes;
}

const touches = (differs: Uint8Array, { at, bytes, bits = ALL_BITS }: Field): boolean =>
  bytes === WORD_BYTES ? (wordAt(differs, at) & bits) !== 0 : !isZero(differs, { at, bytes });

function clear(untold: Uint8Array, { at, bytes, bits = ALL_BITS }: Field): void {
  if (bytes === WORD_BYTES) view(untold).setUint32(at, wordAt(untold, at) & ~bits, true);
  else untold.fill(0, at, at + bytes);
}

export const demandsSignature = (bytes: Uint8Array): boolean => (wordAt(bytes, SW_USAGE_0_AT) & SIGN_CFG) !== 0;

export const isZero = (fuses: Uint8Array, { at, bytes }: { readonly at: number; readonly bytes: number }): boolean =>
  fuses.subarray(at, at + bytes).every((byte) => byte === 0);

export const wordAt = (bytes: Uint8Array, at: number): number => view(bytes).getUint32(at, true);

export const hexWord = (value: number): string => `0x${(value >>> 0).toString(16).toUpperCase().padStart(8, "0")}`;
