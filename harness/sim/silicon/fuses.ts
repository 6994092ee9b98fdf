import { encodeBootInfo, zeroBits } from "../../protocol/boot-info.js";
import { view } from "../../protocol/fields.js";
import type { SimOptions } from "../options.js";
import { ROM_A0 } from "../quirks.js";
import { LOCK_0_AT, type Locks, locksOf } from "./locks.js";

export const FUSE_BYTES = 512;

/** Set on a part that boots signed images only. */
const SIGN = 0x80;
/** Both words without `SIGN`: as both modules of the seed logs report them, and as the one A0 does that was seen. */
const SW_USAGE = { later: [0x0182_1227, 0x9080_758f], a0: [0x0180_9227, 0x1080_750f] } as const;
/** In the first word: images are encrypted. So BL616's public tools have it. */
const ENCRYPT = 0x03;

/** Where the vendor's own script that reads chip information finds things. */
const MAC_AT = 0x14;
const MAC_BYTES = 6;
const NO_MAC = "000000000000";
const KEY_HASH_AT = 0x1c;
const KEY_HASH_BYTES = 32;
/** Key slot 2. */
const IMAGE_KEY_AT = 0x3c;
const IMAGE_KEY_BYTES = 16;
const SW_USAGE_0_AT = 0x5c;
const SW_USAGE_1_AT = 0x60;

/** Behind the MAC: its number of zero bits. */
const MAC_ZEROS_AT = MAC_AT + MAC_BYTES;

/**
 * What a shipped locked module shows beside `SIGN`: JTAG disabled, anti-rollback enabled (both seen); and what the
 * public sources want of it: key slots 0 and 1 write-locked, the application signed with boot2's key.
 */
const LOCKED_WORDS: readonly (readonly [at: number, bits: number])[] = [
  [0x00, 3 << 26],
  [LOCK_0_AT, (1 << 12) | (1 << 17) | (1 << 18)],
  [0xdc, 1 << 26],
];

/**
 * The fuses of one module: bits that only go from 0 to 1, and stay without power. Lock bits take effect when the die
 * next loads them: that it does so at each rise of CHIP_EN is inferred.
 */
export class Fuses {
  readonly bytes: Uint8Array;
  #locks: Locks;
  #changes = 0;

  /** @param bytes the fuses themselves, not a copy: 512 bytes. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#locks = locksOf(bytes);
  }

  /** An unlocked part has no lock bit, and no key hash but one that is asked for. A chip id of zeros: no MAC was fused. */
  static ofNew({ chipId, locked, keyHash, quirks }: SimOptions): Fuses {
    const bytes = new Uint8Array(FUSE_BYTES);
    const words = view(bytes);
    bytes.set(Buffer.from(chipId, "hex").reverse(), MAC_AT);
    if (keyHash !== "auto") bytes.set(Buffer.from(keyHash, "hex"), KEY_HASH_AT);
    if (chipId !== NO_MAC) bytes[MAC_ZEROS_AT] = zeroBits(Buffer.from(chipId, "hex"));
    const [usage0, usage1] = SW_USAGE[quirks.romVersion === ROM_A0 ? "a0" : "later"];
    words.setUint32(SW_USAGE_0_AT, locked ? usage0 | SIGN : usage0, true);
    words.setUint32(SW_USAGE_1_AT, usage1, true);
    if (locked) for (const [at, bits] of LOCKED_WORDS) words.setUint32(at, bits, true);
    return new Fuses(bytes);
  }

  /** How many times something was fused since it was made; what changed no bit does not count. */
  get changes(): number {
    return this.#changes;
  }

  get locked(): boolean {
    return (this.#word(SW_USAGE_0_AT) & SIGN) !== 0;
  }

  get encrypted(): boolean {
    return (this.#word(0) & ENCRYPT) !== 0;
  }

  /** What encrypted images are decrypted with: 16 bytes. */
  get imageKey(): Uint8Array {
    return this.bytes.slice(IMAGE_KEY_AT, IMAGE_KEY_AT + IMAGE_KEY_BYTES);
  }

  /** In its usual order; `undefined` when its number of zero bits is not the one that is fused beside it. */
  get mac(): Uint8Array | undefined {
    const mac = this.bytes.slice(MAC_AT, MAC_AT + MAC_BYTES).reverse();
    return this.bytes[MAC_ZEROS_AT] === zeroBits(mac) ? mac : undefined;
  }

  /** As a host may do it. @returns whether this MAC stands there now: over another one it is not fused. */
  burnMac(mac: Uint8Array): boolean {
    const wanted = Buffer.from([...mac.toReversed(), zeroBits(mac)]);
    const found = () => this.bytes.subarray(MAC_AT, MAC_AT + wanted.length);
    if (found().every((byte) => byte === 0)) this.burn(MAC_AT, wanted);
    return wanted.equals(found());
  }

  /** Hex digits; `undefined` while nothing is fused there. Lock bits hide it from a host, not from the die. */
  get keyHash(): string | undefined {
    const hash = this.bytes.subarray(KEY_HASH_AT, KEY_HASH_AT + KEY_HASH_BYTES);
    return hash.some((byte) => byte !== 0) ? Buffer.from(hash).toString("hex") : undefined;
  }

  /** Past all locks: stands for a key that was fused before the module came to us. */
  fuseKeyHash(hash: string): void {
    this.#fuse(KEY_HASH_AT, Buffer.from(hash, "hex"));
  }

  /** The die starts: lock bits that were fused since the last time count from now on. */
  latch(): void {
    this.#locks = locksOf(this.bytes);
  }

  /** As a host may do it: old OR new. Locked bytes stay as they are, without a word; what is behind the end is lost. */
  burn(address: number, data: Uint8Array): void {
    const { writable } = this.#locks;
    this.#fuse(
      address,
      data.subarray(0, FUSE_BYTES - address).map((byte, index) => byte & (writable[address + index] ?? 0)),
    );
  }

  /** As a host may see it: cut at the end, read-locked bytes as zeros. */
  read(address: number, length: number): Uint8Array {
    const { readable } = this.#locks;
    return this.bytes.slice(address, address + length).map((byte, index) => byte & (readable[address + index] ?? 0));
  }

  /** What the ROM tells of them: 28 bytes, or 24. */
  bootInfo(romVersion: number): Uint8Array {
    return encodeBootInfo({
      romVersion,
      checked: romVersion !== ROM_A0,
      signRequired: this.locked,
      encryptRequired: this.encrypted,
      chipId: Buffer.from(this.bytes.subarray(MAC_AT, MAC_AT + MAC_BYTES).toReversed()).toString("hex"),
      swUsage0: this.#word(SW_USAGE_0_AT),
      swUsage1: this.#word(SW_USAGE_1_AT),
    });
  }

  #fuse(address: number, data: Uint8Array): void {
    const before = this.bytes.slice(address, address + data.length);
    this.bytes.set(
      data.map((byte, index) => byte | (before[index] ?? 0)),
      address,
    );
    if (!Buffer.from(before).equals(this.bytes.subarray(address, address + data.length))) this.#changes++;
  }

  #word(at: number): number {
    return view(this.bytes).getUint32(at, true);
  }
}
