import { encodeBootInfo } from "../protocol/boot-info.js";
import { view } from "../protocol/fields.js";
import type { SimOptions } from "./options.js";

export const FUSE_BYTES = 512;

/** The ROM revision of both modules in the seed logs: the second. */
const ROM_VERSION = 2;
/** Both words as both modules in the seed logs report them; `SIGN` is clear on a part that takes any image. */
const SW_USAGE_0 = 0x0182_12a7;
const SW_USAGE_1 = 0x9080_758f;
const SIGN = 0x80;

/** Where the vendor's own script that reads chip information finds things. */
const MAC_AT = 0x14;
const MAC_BYTES = 6;
const KEY_HASH_AT = 0x1c;
const KEY_HASH_BYTES = 32;
const SW_USAGE_0_AT = 0x5c;
const SW_USAGE_1_AT = 0x60;

/** The fuses of one module: bits that only go from 0 to 1, and stay without power. */
export class Fuses {
  readonly bytes: Uint8Array;
  #changes = 0;

  /** @param bytes the fuses themselves, not a copy: 512 bytes. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  static ofNew({ chipId, locked, keyHash }: Pick<SimOptions, "chipId" | "locked" | "keyHash">): Fuses {
    const bytes = new Uint8Array(FUSE_BYTES);
    const words = view(bytes);
    bytes.set(Buffer.from(chipId, "hex").reverse(), MAC_AT);
    if (keyHash !== "auto") bytes.set(Buffer.from(keyHash, "hex"), KEY_HASH_AT);
    words.setUint32(SW_USAGE_0_AT, locked ? SW_USAGE_0 : SW_USAGE_0 & ~SIGN, true);
    words.setUint32(SW_USAGE_1_AT, SW_USAGE_1, true);
    return new Fuses(bytes);
  }

  /** How many times something was fused since it was made. */
  get changes(): number {
    return this.#changes;
  }

  get locked(): boolean {
    return (this.#word(SW_USAGE_0_AT) & SIGN) !== 0;
  }

  /** Hex digits; `undefined` while nothing is fused there. */
  get keyHash(): string | undefined {
    const hash = this.bytes.subarray(KEY_HASH_AT, KEY_HASH_AT + KEY_HASH_BYTES);
    return hash.some((byte) => byte !== 0) ? Buffer.from(hash).toString("hex") : undefined;
  }

  fuseKeyHash(hash: string): void {
    Buffer.from(hash, "hex").forEach((byte, index) => {
      this.bytes[KEY_HASH_AT + index] = (this.bytes[KEY_HASH_AT + index] ?? 0) | byte;
    });
    this.#changes++;
  }

  /** What the ROM tells of them: 28 bytes. */
  bootInfo(): Uint8Array {
    return encodeBootInfo({
      romVersion: ROM_VERSION,
      signRequired: this.locked,
      encryptRequired: false,
      chipId: Buffer.from(this.bytes.slice(MAC_AT, MAC_AT + MAC_BYTES).reverse()).toString("hex"),
      swUsage0: this.#word(SW_USAGE_0_AT),
      swUsage1: this.#word(SW_USAGE_1_AT),
    });
  }

  #word(at: number): number {
    return view(this.bytes).getUint32(at, true);
  }
}
