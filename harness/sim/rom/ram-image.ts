import { createDecipheriv, createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { HarnessError } from "../../base/errors.js";
import { HEADER, parseBootHeader, verifySignature } from "../../firmware/header.js";
import { view } from "../../protocol/fields.js";
import type { Fuses } from "../silicon/fuses.js";
import type { Memory } from "../silicon/memory.js";
import { Refusal } from "./refusal.js";

const SEQUENCE = 0x0104;
const NOT_LOADED_BY_ROM = 1 << 15;
const CRC_BYTES = 4;
const KEY_PART_BYTES = 68;
const SIGNATURE_PART_BYTES = 72;
const IV_PART_BYTES = 20;
const SEGMENT_HEADER_BYTES = 16;
const AES_BLOCK_BYTES = 16;
/** A stored header CRC that stands for "not checked", if the header's flag says so too. */
const NO_CRC = 0xdead_beef;
/** Segments and their headers together: more than the RAM of 480 KiB holds is no program. A bound of ours. */
const MOST_BYTES = 512 * 1024;

type State = "header" | "key" | "signature" | "iv" | "segmentHeader" | "segmentData" | "check" | "run";

/**
 * A program on its way into the RAM: header, key and signature if it is signed, initial vector if it is encrypted,
 * then segments, a check, a jump. The states and their errors are those of boot2's public source; hash and signature
 * are judged, as a mask ROM must. How an encrypted one is decrypted (AES-128-CTR, key slot 2, headers and data as one
 * stream) and that the hash is taken over what was decrypted are inferred.
 */
export class RamImage {
  readonly #fuses: Fuses;
  readonly #memory: Memory;
  #state: State = "header";
  #head: Uint8Array = new Uint8Array();
  #encrypted = false;
  #decrypt: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;
  #segments = 0;
  #address = 0;
  #left = 0;
  #received: Uint8Array[] = [];
  #receivedBytes = 0;

  constructor(fuses: Fuses, memory: Memory) {
    this.#fuses = fuses;
    this.#memory = memory;
  }

  /** Taken in any state: it begins anew. @param header its 256 bytes. */
  begin(header: Uint8Array): void {
    this.#state = "header";
    const words = view(header);
    const flags = words.getUint32(HEADER.flags, true);
    const stored = words.getUint32(HEADER.crc, true);
    const ignored = ((flags >>> 16) & 1) === 1 && stored === NO_CRC;
    require(ignored || stored === crc32(header.subarray(0, HEADER.crc)), 0x0204);
    require((flags & NOT_LOADED_BY_ROM) === 0, 0x0202);
    const { sign, encrypt } = flagsOf(header);
    this.#segments = words.getUint32(HEADER.bodyBytes, true);
    require(this.#segments > 0, 0x0207);
    require((encrypt !== 0) === this.#fuses.encrypted, 0x0205);
    require((sign !== 0) === this.#fuses.locked, 0x0206);
    this.#head = header;
    this.#encrypted = encrypt !== 0;
    this.#decrypt = (bytes) => bytes;
    this.#received = [];
    this.#receivedBytes = 0;
    this.#state = sign === 0 ? this.#afterSignature : "key";
  }

  key(part: Uint8Array): void {
    this.#expect("key");
    require(part.length === KEY_PART_BYTES, 0x020a);
    require(crcHolds(part), 0x020b);
    const fused = this.#fuses.keyHash;
    const hash = createHash("sha256").update(part.subarray(0, -CRC_BYTES)).digest("hex");
    require(fused === undefined || fused === hash, 0x020c);
    this.#head = Buffer.concat([this.#head, part]);
    this.#state = "signature";
  }

  signature(part: Uint8Array): void {
    this.#expect("signature");
    require(part.length === SIGNATURE_PART_BYTES && view(part).getUint32(0, true) === part.length - 8, 0x020d);
    require(crcHolds(part), 0x020e);
    this.#head = Buffer.concat([this.#head, part]);
    this.#state = this.#afterSignature;
  }

  iv(part: Uint8Array): void {
    this.#expect("iv");
    require(part.length === IV_PART_BYTES, 0x0208);
    require(crcHolds(part), 0x0209);
    const decipher = createDecipheriv("aes-128-ctr", this.#fuses.imageKey, part.subarray(0, -CRC_BYTES));
    this.#decrypt = (bytes) => decipher.update(bytes);
    this.#state = "segmentHeader";
  }

  /** @returns it as it was read: decrypted. */
  segmentHeader(part: Uint8Array): Uint8Array {
    this.#expect("segmentHeader");
    require(part.length === SEGMENT_HEADER_BYTES, 0x020f);
    const header = this.#decrypt(part);
    require(crcHolds(header), 0x0210);
    const [address, length] = [view(header).getUint32(0, true), view(header).getUint32(4, true)];
    const whole = this.#receivedBytes + header.length + length;
    require(this.#memory.holds(address, length) && whole <= MOST_BYTES, 0x0211);
    this.#receive(header);
    this.#address = address;
    this.#left = length;
    this.#state = "segmentData";
    this.#advance();
    return header;
  }

  segmentData(part: Uint8Array): void {
    this.#expect("segmentData");
    require(!this.#encrypted || part.length % AES_BLOCK_BYTES === 0, 0x0212);
    require(part.length <= this.#left, 0x0214);
    const data = this.#decrypt(part);
    this.#receive(data);
    this.#memory.write(this.#address, data);
    this.#address += data.length;
    this.#left -= data.length;
    this.#advance();
  }

  check(): void {
    require(this.#state === "check", 0x0216);
    const body = Buffer.concat(this.#received);
    const digest = createHash("sha256").update(body).digest();
    require(digest.equals(this.#head.subarray(HEADER.bodySha256, HEADER.bodySha256 + digest.length)), 0x0217);
    const header = parseBootHeader(this.#head, "RAM image");
    require(!this.#fuses.locked || verifySignature(header, body), 0x0219);
    this.#state = "run";
  }

  /** @throws Refusal FL 0104 unless it was checked. */
  run(): void {
    this.#expect("run");
  }

  get #afterSignature(): State {
    return this.#encrypted ? "iv" : "segmentHeader";
  }

  #expect(state: State): void {
    require(this.#state === state, SEQUENCE);
  }

  #receive(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#received.push(bytes);
    this.#receivedBytes += bytes.length;
  }

  #advance(): void {
    if (this.#left > 0) return;
    this.#segments--;
    this.#state = this.#segments > 0 ? "segmentHeader" : "check";
  }
}

function require(holds: boolean, status: number): void {
  if (!holds) throw new Refusal(status);
}

/** Whether the CRC32 at its end is right. */
const crcHolds = (part: Uint8Array): boolean =>
  view(part).getUint32(part.length - CRC_BYTES, true) === crc32(part.subarray(0, -CRC_BYTES));

/** @throws Refusal FL 0203 when a magic is missing. */
function flagsOf(header: Uint8Array): { readonly sign: number; readonly encrypt: number } {
  try {
    const room = new Uint8Array(KEY_PART_BYTES + SIGNATURE_PART_BYTES);
    return parseBootHeader(Buffer.concat([header, room]), "RAM image").flags;
  } catch (error) {
    if (error instanceof HarnessError) throw new Refusal(0x0203);
    throw error;
  }
}
