import { view } from "./fields.js";

/** The fuse map: 0x000 to 0x1FF. */
export const FUSE_BYTES = 512;

/** What the fuses tell. Places and rules are those of the vendor's script that reads chip information, and of public SDKs. */
export interface Fuses {
  readonly bytes: Uint8Array;
  /** The factory MAC in its usual order, 12 hex digits. */
  readonly mac: string;
  /** SHA-256 of the signing key, 64 hex digits; `undefined` while nothing is fused there, or where it cannot be read. */
  readonly keyHash: string | undefined;
  readonly jtagDisabled: boolean;
  readonly signRequired: boolean;
  readonly antiRollback: {
    readonly enabled: boolean;
    /** The lowest counter that still boots. */
    readonly boot2: number;
    readonly application: number;
  };
  /** Text ended by 0x03; `undefined` where there is none. */
  readonly partNumber: string | undefined;
}

const MAC_AT = 0x14;
const KEY_HASH_AT = 0x1c;
const SW_USAGE_0_AT = 0x5c;
const LOCKS_AT = 0x7c;
const PART_NUMBER_AT = 0x100;
const BOOT2_COUNTER_AT = 0x170;
const APPLICATION_COUNTER_AT = 0x180;

/** @param bytes all 512 of them. */
export function decodeFuses(bytes: Uint8Array): Fuses {
  const words = view(bytes);
  const keyHash = bytes.subarray(KEY_HASH_AT, KEY_HASH_AT + 32);
  return {
    bytes,
    mac: Buffer.from(bytes.subarray(MAC_AT, MAC_AT + 6).toReversed()).toString("hex"),
    keyHash: keyHash.some((byte) => byte !== 0) ? Buffer.from(keyHash).toString("hex") : undefined,
    jtagDisabled: ((words.getUint32(0, true) >>> 26) & 3) === 3,
    signRequired: (words.getUint32(SW_USAGE_0_AT, true) & 0x80) !== 0,
    antiRollback: {
      enabled: (words.getUint32(LOCKS_AT, true) & 0x1000) !== 0,
      boot2: counterOf(bytes.subarray(BOOT2_COUNTER_AT, BOOT2_COUNTER_AT + 16)),
      application: counterOf(bytes.subarray(APPLICATION_COUNTER_AT, APPLICATION_COUNTER_AT + 32)),
    },
    partNumber: partNumberOf(bytes.subarray(PART_NUMBER_AT, PART_NUMBER_AT + 24)),
  };
}

/** Two redundant halves; the value is the index of the highest bit that is set in either, 0 for none. */
function counterOf(field: Uint8Array): number {
  const half = field.length / 2;
  let highest = 0;
  for (const [index, byte] of field.entries()) {
    if (byte !== 0) highest = Math.max(highest, (index % half) * 8 + 31 - Math.clz32(byte));
  }
  return highest;
}

function partNumberOf(field: Uint8Array): string | undefined {
  const end = field.indexOf(0x03);
  const text = Buffer.from(field.subarray(0, Math.max(0, end))).toString("latin1");
  return /^[\x20-\x7e]+$/.test(text) ? text : undefined;
}
