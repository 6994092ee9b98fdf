import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { crc32 } from "node:zlib";
import { hex } from "../base/hex.js";
import { sha256, text, view } from "./bytes.js";
import { type Flaw, flawed } from "./flaw.js";

/** Where each field stands in an image, in bytes. The same in every image of every release. */
export const HEADER = {
  revision: 0x04,
  flashConfig: 0x0c,
  flashConfigCrc: 0x60,
  clock: 0x64,
  clockCrc: 0x74,
  flags: 0x78,
  bodyOffset: 0x7c,
  bodyBytes: 0x84,
  bodySha256: 0x88,
  cpuEnable: 0xa8,
  bootEntry: 0xb0,
  patchOnRead: 0xc8,
  crc: 0xfc,
  publicKey: 0x100,
  publicKeyCrc: 0x140,
  signatureBytes: 0x144,
  signature: 0x148,
  signatureCrc: 0x188,
} as const;

const FLASH_CONFIG_BYTES = 84;
const CLOCK_BYTES = 20;
const KEY_BYTES = 64;
const SIGNATURE_BYTES = 64;
const UNSIGNED_BYTES = 0x100;
const SIGNED_BYTES = 0x18c;

/** A CRC32 as the image states it, and as its bytes have it. */
export interface Crc {
  readonly stored: number;
  readonly computed: number;
}

interface BootFlags {
  readonly word: number;
  /** 0: unsigned; 1: signed with ECDSA P-256. */
  readonly sign: number;
  readonly encrypt: number;
  /** The body is one piece: `bodyBytes` is its length, else a count of segments. */
  readonly noSegment: boolean;
  /** Only takes effect with a stored CRC of 0xDEADBEEF. */
  readonly crcIgnore: boolean;
  /** Only takes effect with 0xDEADBEEF as the hash's first word, and unsigned. */
  readonly hashIgnore: boolean;
}

export interface BootHeader {
  readonly revision: number;
  /** 84 bytes: commands and times of the SPI flash. */
  readonly flashConfig: Uint8Array;
  /** 20 bytes: the clock block with its magic and CRC, as clock-set may carry it. */
  readonly clock: Uint8Array;
  readonly flags: BootFlags;
  /** Where the body starts, from the start of the image: 0x2000 for boot2, 0x1000 for firmware. */
  readonly bodyOffset: number;
  readonly bodyBytes: number;
  /** As the image states it. */
  readonly bodySha256: Uint8Array;
  readonly bootEntry: number;
  /** X and Y of the signing key, 32 bytes each, big endian; `undefined` for an unsigned image. */
  readonly publicKey: Uint8Array | undefined;
  /** Length of the signature as the image states it: 64. */
  readonly signatureBytes: number | undefined;
  /** r and s, 32 bytes each, big endian. */
  readonly signature: Uint8Array | undefined;
  readonly crcs: {
    readonly flashConfig: Crc;
    readonly clock: Crc;
    readonly header: Crc;
    readonly publicKey: Crc | undefined;
    readonly signature: Crc | undefined;
  };
}

/**
 * Reads the header at the front of an image. It judges nothing: wrong CRCs come back as they are.
 *
 * @param what the name of the thing in messages.
 * @throws HarnessError IMAGE_INVALID when a magic is missing, or the bytes end within the header.
 */
export function parseBootHeader(bytes: Uint8Array, what: string): BootHeader {
  const invalid = (flaw: Flaw) => flawed("IMAGE_INVALID", what, [flaw]);
  const tooShort = (least: number) =>
    invalid({ field: "header", expected: `at least ${least} bytes`, found: `${bytes.length}` });
  if (bytes.length < UNSIGNED_BYTES) throw tooShort(UNSIGNED_BYTES);
  for (const [magic, at] of Object.entries({ BFNP: 0, FCFG: HEADER.flashConfig - 4, PCFG: HEADER.clock })) {
    const found = text(bytes, at, 4);
    if (found !== magic)
      throw invalid({ field: "magic", offset: at, expected: magic, found: hex(bytes.subarray(at, at + 4)) });
  }
  const words = view(bytes);
  const word = (at: number) => words.getUint32(at, true);
  const flags = decodeFlags(word(HEADER.flags));
  const signed = flags.sign !== 0;
  if (signed && bytes.length < SIGNED_BYTES) throw tooShort(SIGNED_BYTES);
  const slice = (at: number, length: number) => Uint8Array.from(bytes.subarray(at, at + length));
  const crc = (start: number, at: number): Crc => ({ stored: word(at), computed: crc32(bytes.subarray(start, at)) });
  return {
    revision: word(HEADER.revision),
    flashConfig: slice(HEADER.flashConfig, FLASH_CONFIG_BYTES),
    clock: slice(HEADER.clock, CLOCK_BYTES),
    flags,
    bodyOffset: word(HEADER.bodyOffset),
    bodyBytes: word(HEADER.bodyBytes),
    bodySha256: slice(HEADER.bodySha256, 32),
    bootEntry: word(HEADER.bootEntry),
    publicKey: signed ? slice(HEADER.publicKey, KEY_BYTES) : undefined,
    signatureBytes: signed ? word(HEADER.signatureBytes) : undefined,
    signature: signed ? slice(HEADER.signature, SIGNATURE_BYTES) : undefined,
    crcs: {
      flashConfig: crc(HEADER.flashConfig, HEADER.flashConfigCrc),
      clock: crc(HEADER.clock + 4, HEADER.clockCrc),
      header: crc(0, HEADER.crc),
      publicKey: signed ? crc(HEADER.publicKey, HEADER.publicKeyCrc) : undefined,
      signature: signed ? crc(HEADER.signatureBytes, HEADER.signatureCrc) : undefined,
    },
  };
}

export const crcHolds = (crc: Crc | undefined): boolean => crc === undefined || crc.stored === crc.computed;

const decodeFlags = (word: number): BootFlags => ({
  word,
  sign: word & 3,
  encrypt: (word >>> 2) & 3,
  noSegment: ((word >>> 8) & 1) === 1,
  crcIgnore: ((word >>> 16) & 1) === 1,
  hashIgnore: ((word >>> 17) & 1) === 1,
});

/**
 * Whether the body carries the signature of the key in its own header: ECDSA P-256 with SHA-256. Says nothing about
 * whose key that is; see `keyHash`. A key that is no point of the curve verifies nothing.
 */
export function verifySignature({ publicKey, signature }: BootHeader, body: Uint8Array): boolean {
  if (publicKey === undefined || signature === undefined) return false;
  const [x, y] = [publicKey.subarray(0, 32), publicKey.subarray(32)].map((part) =>
    Buffer.from(part).toString("base64url"),
  );
  try {
    const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y } as JsonWebKey, format: "jwk" });
    return verify("sha256", body, { key, dsaEncoding: "ieee-p1363" }, signature);
  } catch {
    return false;
  }
}

/** SHA-256 of X and Y as 64 hex digits: what a locked module keeps in its fuses. Empty for an unsigned image. */
export const keyHash = ({ publicKey }: BootHeader): string =>
  publicKey === undefined ? "" : sha256(publicKey).toString("hex");

/** Signs a SHA-256 digest. */
export interface Signer {
  readonly publicKey: Uint8Array;
  sign(digest: Uint8Array): Uint8Array;
}

/** What all images of ST carry: signed, not encrypted, one piece. */
const SIGNED_FLAGS = 0x72cd0101;
const UNSIGNED_FLAGS = 0x72cd0100;
/** Where a booted body appears in the processor's address space. */
export const BODY_ADDRESS = 0xa000_0000;
/** The one patch of ST's images: what is written to which address before the flash is read. */
const PATCH_ON_READ = [0x2000_0548, 0x0100_0000] as const;
const CLOCK = Uint8Array.of(0x07, 0x05, 0, 0, 0x03, 0x02, 0x01, 0x01, 0, 0x01, 0, 0);
/** A GD25LQ profile like the one that the vendor's tool sends, for fast dual I/O and any manufacturer. */
const FLASH_CONFIG = Buffer.from(
  "110001016699ff039f00b7e904000001c72052d8060232000b010b013b01bb006b01eb02eb02025000010001010002010201ab0105350000" +
    "0101000038ffa0ff77030240770302f02c01b004b0040500e8801400",
  "hex",
);

/**
 * The first `bodyOffset` bytes of an image with this body: header, key and signature where there is a signer, zeros.
 *
 * @param bodyOffset at least 0x18C.
 */
export function encodeBootHeader(body: Uint8Array, bodyOffset: number, signer: Signer | undefined): Uint8Array {
  const out = Buffer.alloc(bodyOffset);
  const seal = (start: number, at: number) => out.writeUInt32LE(crc32(out.subarray(start, at)), at);
  const digest = sha256(body);
  out.write("BFNP", 0, "latin1");
  out.writeUInt32LE(1, HEADER.revision);
  out.write("FCFG", HEADER.flashConfig - 4, "latin1");
  out.set(FLASH_CONFIG, HEADER.flashConfig);
  seal(HEADER.flashConfig, HEADER.flashConfigCrc);
  out.write("PCFG", HEADER.clock, "latin1");
  out.set(CLOCK, HEADER.clock + 4);
  seal(HEADER.clock + 4, HEADER.clockCrc);
  out.writeUInt32LE(signer === undefined ? UNSIGNED_FLAGS : SIGNED_FLAGS, HEADER.flags);
  out.writeUInt32LE(bodyOffset, HEADER.bodyOffset);
  out.writeUInt32LE(body.length, HEADER.bodyBytes);
  out.set(digest, HEADER.bodySha256);
  out.writeUInt8(1, HEADER.cpuEnable);
  out.writeUInt32LE(BODY_ADDRESS, HEADER.bootEntry);
  for (const [index, value] of PATCH_ON_READ.entries()) out.writeUInt32LE(value, HEADER.patchOnRead + 4 * index);
  seal(0, HEADER.crc);
  if (signer === undefined) return out;
  out.set(signer.publicKey, HEADER.publicKey);
  seal(HEADER.publicKey, HEADER.publicKeyCrc);
  out.writeUInt32LE(SIGNATURE_BYTES, HEADER.signatureBytes);
  out.set(signer.sign(digest), HEADER.signature);
  seal(HEADER.signatureBytes, HEADER.signatureCrc);
  return out;
}
