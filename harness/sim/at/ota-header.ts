import { OTA } from "../../firmware/ota.js";
import { view } from "../../protocol/fields.js";
import type { Ncp } from "../spi/options.js";
import { AtError } from "./error.js";

const MAGIC = "QCC74X_OTAVer1.0";
const KINDS = ["RAW ", "XZ  "];
/** Of every file of ST. */
const HARDWARE = "QCC_Module_v1.1";
const SHA256_BYTES = 32;

export interface OtaHeader {
  readonly payloadBytes: number;
  readonly payloadSha256: Uint8Array;
}

/** @param bytes at least as many as a header has. @param most that the slot holds. @throws AtError for what is checked and wrong. */
export function readHeader(bytes: Uint8Array, checks: Ncp["otaChecks"], most: number): OtaHeader {
  const text = (at: number, length: number) => Buffer.from(bytes.subarray(at, at + length)).toString("latin1");
  const payloadBytes = view(bytes).getUint32(OTA.payloadBytes, true);
  if (checks.magic && text(0, MAGIC.length) !== MAGIC) throw new AtError("magic");
  if (checks.kind && !KINDS.includes(text(OTA.kind, 4))) throw new AtError("file type");
  if (checks.hardware && text(OTA.hardware, HARDWARE.length + 1) !== `${HARDWARE}\0`) throw new AtError("hardware");
  if (checks.fit && payloadBytes > most) throw new AtError("file_size overflow");
  return {
    payloadBytes,
    payloadSha256: bytes.slice(OTA.payloadSha256, OTA.payloadSha256 + SHA256_BYTES),
  };
}
