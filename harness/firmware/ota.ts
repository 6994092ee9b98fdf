import { HarnessError } from "../base/errors.js";
import { hex } from "../base/hex.js";
import { sha256, text, view } from "./bytes.js";

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
const HEADER_BYTES = 512;
const FIELD_BYTES = 16;
const KIND_AT = 0x10;
const PAYLOAD_BYTES_AT = 0x14;
const MARK_AT = 0x18;
const MARK = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const HARDWARE_AT = 0x20;
const VERSION_AT = 0x30;
const PAYLOAD_SHA256_AT = 0x40;

/**
 * @param what the name of the thing in messages.
 * @throws HarnessError IMAGE_INVALID when magic, kind, length, texts or hash are wrong.
 */
export function parseOta(bytes: Uint8Array, what: string): Ota {
  const invalid = (problem: string) => new HarnessError("IMAGE_INVALID", `${what}: ${problem}`);
  if (bytes.length < HEADER_BYTES)
    throw invalid(`expected an OTA header of ${HEADER_BYTES} bytes, got ${bytes.length}`);
  if (text(bytes, 0, FIELD_BYTES) !== MAGIC)
    throw invalid(`expected ${MAGIC}, got ${hex(bytes.subarray(0, FIELD_BYTES))}`);
  const tag = text(bytes, KIND_AT, 4);
  const kind = tag === "RAW " || tag === "XZ  " ? KINDS[tag] : undefined;
  if (kind === undefined) throw invalid(`expected RAW or XZ, got ${hex(bytes.subarray(KIND_AT, KIND_AT + 4))}`);
  const payload = bytes.subarray(HEADER_BYTES);
  const stated = view(bytes).getUint32(PAYLOAD_BYTES_AT, true);
  if (stated !== payload.length) throw invalid(`expected a payload of ${stated} bytes, got ${payload.length}`);
  const hardware = text(bytes, HARDWARE_AT, FIELD_BYTES);
  const version = text(bytes, VERSION_AT, FIELD_BYTES);
  if (hardware === undefined || version === undefined) throw invalid("expected hardware and version as ASCII");
  const expected = Buffer.from(bytes.subarray(PAYLOAD_SHA256_AT, PAYLOAD_SHA256_AT + 32)).toString("hex");
  const computed = sha256(payload).toString("hex");
  if (expected !== computed) throw invalid(`payload SHA-256: expected ${expected}, got ${computed}`);
  return { kind, hardware, version, payload };
}

export function encodeOta({ kind, hardware, version, payload }: Ota): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES, 0xff);
  header.fill(0, HARDWARE_AT, PAYLOAD_SHA256_AT);
  header.write(MAGIC, 0, "latin1");
  header.write(kind === "raw" ? "RAW " : "XZ  ", KIND_AT, "latin1");
  header.writeUInt32LE(payload.length, PAYLOAD_BYTES_AT);
  header.set(MARK, MARK_AT);
  header.write(hardware, HARDWARE_AT, "latin1");
  header.write(version, VERSION_AT, "latin1");
  header.set(sha256(payload), PAYLOAD_SHA256_AT);
  return Buffer.concat([header, payload]);
}
