import { hexNumber } from "../base/hex.js";
import type { Finding, Rule } from "./finding.js";
import { type BootHeader, type Crc, crcHolds, HEADER, verifySignature } from "./header.js";
import { type Image, VERSION_BLOCK_AT } from "./image.js";
import type { Profile } from "./names.js";

export interface Expectations {
  readonly expectProfile?: Profile | undefined;
  readonly expectVersion?: string | undefined;
  /** Room in the flash, in bytes. */
  readonly slotBytes?: number | undefined;
}

type Found = Omit<Finding, "file" | "severity"> & { readonly severity?: Finding["severity"] };

/** All that is wrong or odd with an image; empty for a good one. */
export function checkImage(image: Image, expectations: Expectations = {}): Finding[] {
  const found = [
    ...checkCrcs(image.header),
    ...checkFlags(image.header),
    ...checkBody(image),
    ...checkVersion(image, expectations.expectVersion),
    ...checkProfile(image, expectations.expectProfile),
    ...checkRoom(image, expectations.slotBytes),
  ];
  return found.map((finding) => ({ severity: "error", ...finding, file: image.name }));
}

/** The version in the name of an image. */
export const versionOf = (name: string): string | undefined => /_v(\d+\.\d+\.\d+)\.bin$/.exec(name)?.[1];

function checkCrcs({ crcs }: BootHeader): Found[] {
  const rows: readonly [Rule, string, number, Crc | undefined][] = [
    ["flash-config-crc", "flashConfigCrc", HEADER.flashConfigCrc, crcs.flashConfig],
    ["clock-crc", "clockCrc", HEADER.clockCrc, crcs.clock],
    ["header-crc", "crc", HEADER.crc, crcs.header],
    ["key-crc", "publicKeyCrc", HEADER.publicKeyCrc, crcs.publicKey],
    ["signature-crc", "signatureCrc", HEADER.signatureCrc, crcs.signature],
  ];
  return rows.flatMap(([rule, field, offset, crc]) =>
    crc === undefined || crcHolds(crc)
      ? []
      : [{ rule, field, offset, expected: hexNumber(crc.computed), found: hexNumber(crc.stored) }],
  );
}

/** All images of ST are signed, not encrypted and of one piece. */
function checkFlags({ flags, signatureBytes }: BootHeader): Found[] {
  const offset = HEADER.flags;
  const rows: readonly [string, string | number, string | number][] = [
    ["sign", 1, flags.sign],
    ["encrypt", 0, flags.encrypt],
    ["noSegment", 1, Number(flags.noSegment)],
    ["hashIgnore", 0, Number(flags.hashIgnore)],
  ];
  const found: Found[] = rows
    .filter(([, expected, actual]) => expected !== actual)
    .map(([field, expected, actual]) => ({
      rule: "flags",
      field,
      offset,
      expected: `${expected}`,
      found: `${actual}`,
    }));
  if (signatureBytes !== undefined && signatureBytes !== 64)
    found.push({
      rule: "flags",
      field: "signatureBytes",
      offset: HEADER.signatureBytes,
      expected: "64",
      found: `${signatureBytes}`,
    });
  return found;
}

function checkBody({ header, bytes, body, bodySha256 }: Image): Found[] {
  const found: Found[] = [];
  const end = header.bodyOffset + header.bodyBytes;
  if (end !== bytes.length)
    found.push({
      rule: "length",
      field: "bodyBytes",
      offset: HEADER.bodyBytes,
      expected: `${bytes.length} bytes in all`,
      found: `${end}`,
    });
  const stated = Buffer.from(header.bodySha256).toString("hex");
  if (stated !== bodySha256)
    found.push({
      rule: "body-hash",
      field: "bodySha256",
      offset: HEADER.bodySha256,
      expected: bodySha256,
      found: stated,
    });
  if (header.flags.sign !== 0 && !verifySignature(header, body))
    found.push({
      rule: "signature",
      field: "signature",
      offset: HEADER.signature,
      expected: "a signature of the body",
      found: "another",
    });
  return found;
}

function checkVersion({ header, versionBlock }: Image, expected: string | undefined): Found[] {
  const rule = "version";
  const offset = header.bodyOffset + VERSION_BLOCK_AT;
  if (versionBlock === undefined)
    return [{ rule, field: "versionBlock", offset, expected: "BLFBVERF", found: "no version block" }];
  const found: Found[] = [];
  if (versionBlock.antiRollback !== 0)
    found.push({
      rule: "anti-rollback",
      field: "antiRollback",
      offset: offset + 8,
      expected: "0",
      found: `${versionBlock.antiRollback}`,
    });
  if (expected !== undefined && versionBlock.version !== expected)
    found.push({ rule, field: "version", offset: offset + 9, expected, found: versionBlock.version });
  return found;
}

/** 2.0.75 has no marker: then the file's name decides. */
function checkProfile({ kind, profile }: Image, expected: Profile | undefined): Found[] {
  const rule = "profile";
  const field = "SW image";
  if (kind === "boot2") return [];
  if (profile === undefined)
    return [{ severity: "warning", rule, field, expected: expected ?? "a marker", found: "no marker" }];
  return expected === undefined || profile === expected ? [] : [{ rule, field, expected, found: profile }];
}

const checkRoom = ({ bytes }: Image, slotBytes: number | undefined): Found[] =>
  slotBytes === undefined || bytes.length <= slotBytes
    ? []
    : [{ rule: "slot", field: "size", expected: `at most ${slotBytes} bytes`, found: `${bytes.length}` }];
