import { hex } from "../base/hex.js";
import { sha256, text, view } from "./bytes.js";
import { type Flaw, flawed } from "./flaw.js";

/** What the module takes over AT for an update: a header of 512 bytes and a payload. It does not tell the profile. */
export interface Ota {
  /** The image itself, or one xz stream of it. */
  readonly kind: "raw" | "xz";
  /** `QCC_Module_v1.1` in every file of ST. */
  readonly hardware: string;
  readonly version: string;
  readonly payload: Uint8Array;
}

const MAGIC = "QCC74X_OTAVer1.0";
const KINDS = { "RAW ": "raw", "XZ  ": "xz" } as const;
/** Where each field stands in a container, in bytes. */
export const OTA = {
  kind: 0x10,
  payloadBytes: 0x14,
  mark: 0x18,
  hardware: 0x20,
  version: 0x30,
  payloadSha256: 0x40,
  payload: 0x200,
} as const;

/** The module judges a container itself: nothing takes it as it is. */
export const OTA_ADVICE = "Fetch the package again; if it persists, report it to its maker.";

const FIELD_BYTES = 16;
const MARK = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** A container as it stands in a file: what it states of its payload may be wrong. */
export interface OtaFile extends Ota {
  /** All that follows the header. */
  readonly payload: Uint8Array;
  readonly statedBytes: number;
  /** As 64 hex digits. */
  readonly statedSha256: string;
  /** The 8 bytes 01 to 08 behind the length are there, as in every file of ST. */
  readonly marked: boolean;
}

/**
 * Reads a container and judges nothing: see `payloadFlaws`.
 *
 * @param what the name of the thing in messages.
 * @throws HarnessError IMAGE_INVALID when magic, kind or texts are wrong.
 */
export function readOta(bytes: Uint8Array, what: string): OtaFile {
  const invalid = (flaw: Flaw) => flawed("IMAGE_INVALID", what, [flaw], { advice: OTA_ADVICE });
  if (bytes.length < OTA.payload)
    throw invalid({ field: "header", expected: `at least ${OTA.payload} bytes`, found: `${bytes.length}` });
  const field = (at: number, length: number) => bytes.subarray(at, at + length);
  if (text(bytes, 0, FIELD_BYTES) !== MAGIC)
    throw invalid({ field: "magic", offset: 0, expected: MAGIC, found: hex(field(0, FIELD_BYTES)) });
  const tag = text(bytes, OTA.kind, 4);
  const kind = tag === "RAW " || tag === "XZ  " ? KINDS[tag] : undefined;
  if (kind === undefined)
    throw invalid({ field: "kind", offset: OTA.kind, expected: "RAW or XZ", found: hex(field(OTA.kind, 4)) });
  const readText = (name: string, at: number): string => {
    const value = text(bytes, at, FIELD_BYTES);
    if (value !== undefined) return value;
    throw invalid({ field: name, offset: at, expected: "ASCII", found: hex(field(at, FIELD_BYTES)) });
  };
  return {
    kind,
    hardware: readText("hardware", OTA.hardware),
    version: readText("version", OTA.version),
    payload: bytes.subarray(OTA.payload),
    statedBytes: view(bytes).getUint32(OTA.payloadBytes, true),
    statedSha256: Buffer.from(field(OTA.payloadSha256, 32)).toString("hex"),
    marked: Buffer.compare(field(OTA.mark, MARK.length), MARK) === 0,
  };
}

/** Where length and SHA-256 of the payload are not what the header states. */
export function payloadFlaws({ payload, statedBytes, statedSha256 }: OtaFile): Flaw[] {
  const flaws: Flaw[] = [];
  const stated = `${statedBytes}`;
  if (statedBytes > payload.length)
    flaws.push({ field: "payloadBytes", offset: OTA.payloadBytes, expected: `${payload.length}`, found: stated });
  if (statedBytes < payload.length)
    flaws.push({
      field: "payloadBytes",
      offset: OTA.payload + statedBytes,
      expected: `nothing behind ${stated} bytes of payload`,
      found: `${payload.length - statedBytes} bytes`,
    });
  const computed = sha256(payload.subarray(0, statedBytes)).toString("hex");
  if (computed !== statedSha256)
    flaws.push({ field: "payloadSha256", offset: OTA.payloadSha256, expected: computed, found: statedSha256 });
  return flaws;
}

/**
 * @param what the name of the thing in messages.
 * @throws HarnessError IMAGE_INVALID when magic, kind, length, texts or hash are wrong.
 */
export function parseOta(bytes: Uint8Array, what: string): Ota {
  const file = readOta(bytes, what);
  const flaws = payloadFlaws(file);
  if (flaws.length > 0) throw flawed("IMAGE_INVALID", what, flaws, { advice: OTA_ADVICE });
  const { kind, hardware, version, payload } = file;
  return { kind, hardware, version, payload };
}

export function encodeOta({ kind, hardware, version, payload }: Ota): Uint8Array {
  const header = Buffer.alloc(OTA.payload, 0xff);
  header.fill(0, OTA.hardware, OTA.payloadSha256);
  header.write(MAGIC, 0, "latin1");
  header.write(kind === "raw" ? "RAW " : "XZ  ", OTA.kind, "latin1");
  header.writeUInt32LE(payload.length, OTA.payloadBytes);
  header.set(MARK, OTA.mark);
  header.write(hardware, OTA.hardware, "latin1");
  header.write(version, OTA.version, "latin1");
  header.set(sha256(payload), OTA.payloadSha256);
  return Buffer.concat([header, payload]);
}
