import { sha256, text, textsFrom, view } from "./bytes.js";
import { BODY_ADDRESS, type BootHeader, keyHash, parseBootHeader } from "./header.js";
import type { Profile } from "./names.js";

/** From the start of the body, in bytes; the same in boot2 and in every firmware. */
export const VERSION_BLOCK_AT = 0xc00;
const VERSION_BLOCK_BYTES = 24;
const MAGIC = "BLFBVERF";
/** Of any text in an image that is read here. */
export const LONGEST_TEXT = 64;

interface VersionBlock {
  /** A module takes no image whose counter is below the one in its fuses. 0 in every release so far. */
  readonly antiRollback: number;
  /** Three numbers: `2.0.106`. */
  readonly version: string;
  /** As C's __DATE__ and __TIME__: `Mar 20 2026 09:32:32`. The application prints another one, some minutes off. */
  readonly buildTime: string;
  /** `boot2` or `app`. */
  readonly name: string;
  /** 40 hex digits in boot2, empty in firmware. */
  readonly commit: string;
}

export interface Image {
  /** Of the file, for messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly header: BootHeader;
  /** What the header says is the body, as far as it is there. */
  readonly body: Uint8Array;
  /** The identity of an image: SHA-256 of its body, as 64 hex digits. A file that was only signed anew keeps it. */
  readonly bodySha256: string;
  /** As `keyHash` of the header. */
  readonly keyHash: string;
  readonly versionBlock: VersionBlock | undefined;
  /** From the marker among its texts; `undefined` for boot2, for 2.0.75, and when markers disagree. */
  readonly profile: Profile | undefined;
  readonly kind: "boot2" | "firmware";
}

/** Whether a file is meant to be an image: it starts with a boot header's magic. */
export const isImage = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(0, 4)).toString("latin1") === "BFNP";

/**
 * Reads an image and judges nothing: see `checkImage`.
 *
 * @throws HarnessError IMAGE_INVALID when it has no whole boot header.
 */
export function readImage(bytes: Uint8Array, name: string): Image {
  const header = parseBootHeader(bytes, name);
  const body = bytes.subarray(header.bodyOffset, header.bodyOffset + header.bodyBytes);
  const versionBlock = readVersionBlock(body);
  return {
    name,
    bytes,
    header,
    body,
    bodySha256: sha256(body).toString("hex"),
    keyHash: keyHash(header),
    versionBlock,
    profile: findProfile(body),
    kind: versionBlock?.name === "boot2" ? "boot2" : "firmware",
  };
}

function readVersionBlock(body: Uint8Array): VersionBlock | undefined {
  const block = body.subarray(VERSION_BLOCK_AT, VERSION_BLOCK_AT + VERSION_BLOCK_BYTES);
  if (block.length < VERSION_BLOCK_BYTES || text(block, 0, MAGIC.length) !== MAGIC) return undefined;
  const words = view(block);
  const textAt = (at: number) => text(body, words.getUint32(at, true) - BODY_ADDRESS, LONGEST_TEXT) ?? "";
  return {
    antiRollback: words.getUint8(8),
    version: `${words.getUint8(9)}.${words.getUint8(10)}.${words.getUint8(11)}`,
    name: textAt(12),
    buildTime: textAt(16),
    commit: textAt(20),
  };
}

const MARKED = "SW image:";
/** The marker of T02 starts with the one of T01, so all of one must be looked at, and a board's name must fit; it changed after 2.0.89. */
const MARKER = /^SW image:(spi_wifi|mfg_test)_[a-z0-9]{1,20}dk(_lwip_onhost)?(?!\w)/;

function findProfile(body: Uint8Array): Profile | undefined {
  const profiles = new Set<Profile>();
  for (const { text: found } of textsFrom(body, MARKED, LONGEST_TEXT)) {
    const [marker, application, onHost] = MARKER.exec(found) ?? [];
    if (marker === undefined) continue;
    if (application === "spi_wifi") profiles.add(onHost === undefined ? "t01" : "t02");
    else if (onHost === undefined) profiles.add("mfg");
  }
  return profiles.size === 1 ? [...profiles][0] : undefined;
}
