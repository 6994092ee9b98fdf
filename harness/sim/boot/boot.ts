import { createHash } from "node:crypto";
import { type BootHeader, crcHolds, keyHash, parseBootHeader } from "../../firmware/header.js";
import type { Silicon } from "../silicon/state.js";
import { isSigned } from "./signed.js";

/** Where the boot ROM expects boot2. */
export const BOOT2_ADDRESS = 0;
/** Enough for header, key and signature. */
const HEADER_BYTES = 0x200;
/** A stored header CRC that stands for "not checked", if the header's flag says so too. */
const NO_CRC = 0xdead_beef;

/** Why an image is not booted: boot2's own numbers. */
export const BOOT_ERRORS = {
  magic: 0x0203,
  headerCrc: 0x0204,
  encryption: 0x0205,
  sign: 0x0206,
  keyCrc: 0x020b,
  foreignKey: 0x020c,
  signatureCrc: 0x020e,
  hash: 0x0217,
  signature: 0x0219,
  allInvalid: 0x021b,
} as const;

export type Loaded =
  | { readonly ok: true; readonly body: Uint8Array }
  | { readonly ok: false; readonly error: keyof typeof BOOT_ERRORS };

/**
 * Loads the image at `address` as boot ROM and boot2 do: everything is judged by what is in the flash now.
 * The first image that a host programmed and that passes fixes the key, where none is fused yet; an image from the
 * factory, of which no sector was ever programmed by a host, passes whatever its key.
 *
 * @param strict whether an unlocked part refuses a signed image: boot2 does.
 */
export function load(silicon: Silicon, address: number, strict: boolean): Loaded {
  const { nor, fuses } = silicon;
  const no = (error: keyof typeof BOOT_ERRORS): Loaded => ({ ok: false, error });
  const header = headerAt(silicon, address);
  if (header === undefined) return no("magic");
  const { crcs, flags } = header;
  const ignored = flags.crcIgnore && crcs.header.stored === NO_CRC;
  if (!crcHolds(crcs.header) && !ignored) return no("headerCrc");
  if (flags.encrypt !== 0) return no("encryption");
  const signed = flags.sign !== 0;
  if (fuses.locked ? !signed : signed && strict) return no("sign");
  const programmed = nor.programmed(address, header.bodyOffset + header.bodyBytes);
  if (fuses.locked) {
    if (!crcHolds(crcs.publicKey)) return no("keyCrc");
    if (programmed && fuses.keyHash !== undefined && fuses.keyHash !== keyHash(header)) return no("foreignKey");
    if (!crcHolds(crcs.signature)) return no("signatureCrc");
  }
  if (header.bodyBytes > nor.bytes.length) return no("hash");
  const body = nor.read(address + header.bodyOffset, header.bodyBytes);
  const digest = createHash("sha256").update(body).digest();
  if (!digest.equals(header.bodySha256)) return no("hash");
  if (fuses.locked && !isSigned(header, body, digest)) return no("signature");
  if (fuses.locked && programmed && fuses.keyHash === undefined) fuses.fuseKeyHash(keyHash(header));
  return { ok: true, body };
}

function headerAt({ nor }: Silicon, address: number): BootHeader | undefined {
  try {
    return parseBootHeader(nor.read(address, HEADER_BYTES), "image");
  } catch {
    return undefined;
  }
}
