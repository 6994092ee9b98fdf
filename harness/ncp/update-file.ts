import { basename } from "node:path";
import { type Finding, tellFinding } from "../firmware/finding.js";
import { flawed } from "../firmware/flaw.js";
import type { Image } from "../firmware/image.js";
import { judgeFile } from "../firmware/judge.js";
import { checkOtaVersion, expand, imageNameOf, lintOtaHeader } from "../firmware/lint/ota.js";
import { type Profile, parseImageName } from "../firmware/names.js";
import { OTA_ADVICE, readOta } from "../firmware/ota.js";
import { findPartition, ST_TABLE } from "../firmware/partition.js";

/** What a firmware over the air would install. */
export interface UpdateFile {
  readonly name: string;
  /** The whole container, as it is sent. */
  readonly bytes: Uint8Array;
  readonly kind: "raw" | "xz";
  /** Read from the image in it. */
  readonly version: string;
  /** By the marker in the image; of 2.0.75 by the file's name, and `undefined` where that does not tell it either. */
  readonly profile: Profile | undefined;
  readonly payloadSha256: string;
  /** Expanded. */
  readonly image: Image;
  /** What is odd and forbids nothing. */
  readonly warnings: readonly string[];
}

/** Room of a slot of FW in ST's table. */
const SLOT_BYTES = findPartition(ST_TABLE, "FW")?.slots[0].bytes ?? 0;

/**
 * Reads a `.bin.ota` or `.xz.ota` and the image in it, and holds both to all that the module, or boot2 behind it, would.
 *
 * @param path of the file; its last part holds the image to the profile and the version that it names.
 * @param slotBytes room for the payload as it is sent, and for the image that it expands to.
 * @throws HarnessError IMAGE_INVALID with all that is wrong; DRIVER_MISSING without liblzma.
 */
export function readUpdate(bytes: Uint8Array, path: string, slotBytes: number = SLOT_BYTES): UpdateFile {
  const name = basename(path);
  const ota = readOta(bytes, name);
  const held = expand(ota, name);
  const image = held instanceof Uint8Array ? judgeImage(held, name, slotBytes) : undefined;
  const findings = [
    ...lintOtaHeader(ota, name),
    ...(held instanceof Uint8Array ? [] : [held]),
    ...(ota.kind === "raw" || ota.payload.length <= slotBytes ? [] : [tooLarge(name, slotBytes, ota.payload.length)]),
    ...(image?.findings ?? []),
    ...(image?.image === undefined ? [] : checkOtaVersion(ota, image.image, name)),
  ];
  const errors = findings.filter((finding) => finding.severity === "error" || REFUSED.has(finding.field));
  const block = image?.image?.versionBlock;
  if (errors.length > 0 || image?.image === undefined || block === undefined)
    throw flawed("IMAGE_INVALID", name, errors, { advice: OTA_ADVICE });
  return {
    name,
    bytes,
    kind: ota.kind,
    version: block.version,
    profile: image.image.profile ?? parseImageName(imageNameOf(name) ?? "")?.profile,
    payloadSha256: ota.statedSha256,
    image: image.image,
    warnings: findings.map(tellFinding),
  };
}

/** Odd in a package, and refused by the module: by the texts in ST's images it compares this one. */
const REFUSED = new Set(["hardware"]);

function judgeImage(bytes: Uint8Array, name: string, room: number) {
  const judged = judgeFile({ name: imageNameOf(name) ?? name, bytes, role: "firmware", room });
  const findings = judged.findings.map((finding) => ({ ...finding, file: name, field: `image.${finding.field}` }));
  return { image: judged.image, findings };
}

const tooLarge = (file: string, slotBytes: number, found: number): Finding => ({
  severity: "error",
  file,
  rule: "slot",
  field: "payload",
  expected: `at most ${slotBytes} bytes`,
  found: `${found}`,
});
