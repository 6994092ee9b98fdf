import { XzError, xzDecompress } from "../../native/xz.js";
import { sha256 } from "../bytes.js";
import type { Finding, Rule } from "../finding.js";
import type { Flaw } from "../flaw.js";
import type { Image } from "../image.js";
import { OTA, type OtaFile, payloadFlaws } from "../ota.js";
import { FLASH_BYTES } from "../partition.js";

const HARDWARE = "QCC_Module_v1.1";

/** The name of the image that an OTA file holds, by its own name; `undefined` for a name that says nothing. */
export const imageNameOf = (ota: string): string | undefined =>
  /\.(bin|xz)\.ota$/.test(ota) ? ota.replace(/\.(bin|xz)\.ota$/, ".bin") : undefined;

/** What is wrong or odd with the header of an OTA file and with what it states of its payload. */
export function lintOtaHeader(ota: OtaFile, file: string): Finding[] {
  const warn = (field: string, offset: number, expected: string, found: string): Finding => ({
    severity: "warning",
    file,
    rule: "ota-header",
    field,
    offset,
    expected,
    found,
  });
  const named = file.endsWith(".xz.ota") ? "xz" : file.endsWith(".bin.ota") ? "raw" : undefined;
  return [
    ...payloadFlaws(ota).map((flaw) => error(file, flaw.field === "payloadBytes" ? "ota-length" : "ota-hash", flaw)),
    ...(named === undefined || named === ota.kind
      ? []
      : [error(file, "ota-header", { field: "kind", offset: OTA.kind, expected: named, found: ota.kind })]),
    ...(ota.hardware === HARDWARE ? [] : [warn("hardware", OTA.hardware, HARDWARE, ota.hardware)]),
    ...(ota.marked ? [] : [warn("mark", OTA.mark, "the bytes 1 to 8", "others")]),
  ];
}

/** The image in an OTA file, as far as its header says. What does not expand is a finding. */
export function expand({ kind, payload, statedBytes }: OtaFile, file: string): Uint8Array | Finding {
  const stated = payload.subarray(0, statedBytes);
  if (kind === "raw") return stated;
  try {
    return xzDecompress(stated, FLASH_BYTES);
  } catch (cause) {
    if (!(cause instanceof XzError)) throw cause;
    const expected = "one xz stream with nothing behind it";
    return error(file, "ota-payload", { field: "payload", offset: OTA.payload, expected, found: cause.message });
  }
}

/** What an OTA file holds must be the image beside it, byte for byte. */
export function checkTwin(kind: OtaFile["kind"], held: Uint8Array, twin: Uint8Array, file: string): Finding[] {
  if (Buffer.compare(held, twin) === 0) return [];
  const at = held.findIndex((byte, index) => byte !== twin[index]);
  const differs = at < 0 ? held.length : at;
  return [
    error(file, "ota-payload", {
      field: kind === "raw" ? "payload" : "payload, expanded",
      offset: kind === "raw" ? OTA.payload + differs : differs,
      expected: tellBytes(twin),
      found: tellBytes(held),
    }),
  ];
}

/** The version in the header against the one in the image. */
export function checkOtaVersion({ version }: OtaFile, image: Image, file: string): Finding[] {
  const expected = image.versionBlock?.version;
  if (expected === undefined || version === expected) return [];
  return [error(file, "version", { field: "otaVersion", offset: OTA.version, expected, found: version })];
}

const error = (file: string, rule: Rule, flaw: Flaw): Finding => ({ severity: "error", file, rule, ...flaw });

const tellBytes = (bytes: Uint8Array): string => `${bytes.length} bytes, SHA-256 ${sha256(bytes).toString("hex")}`;
