import { type BootHeader, type Crc, crcHolds, verifySignature } from "./header.js";
import type { Image } from "./image.js";
import type { Profile } from "./names.js";

/** What an image says of itself, and whether that holds. */
export interface ImageFacts {
  readonly kind: Image["kind"];
  /** `undefined` for boot2 and where no marker tells it. */
  readonly profile: Profile | undefined;
  /** Of the version block, as the three that follow; `undefined` without one. */
  readonly version: string | undefined;
  /** A mission's banner has a time of its own, up to some minutes off: so in 2.0.89, 2.0.97 and 2.0.106. */
  readonly buildTime: string | undefined;
  readonly commit: string | undefined;
  readonly antiRollback: number | undefined;
  readonly headerRevision: number;
  readonly bodyOffset: number;
  readonly bodyBytes: number;
  readonly bootEntry: number;
  readonly flags: BootHeader["flags"];
  readonly crcs: Readonly<Record<keyof BootHeader["crcs"], "ok" | "bad" | "none">>;
  /** The identity of the image. */
  readonly bodySha256: string;
  /** Whether that is what the header states. */
  readonly bodyHash: "ok" | "bad";
  /** Empty for an unsigned image. */
  readonly keyHash: string;
  /** By the key in the header, whoever's that is. */
  readonly signature: "valid" | "invalid" | "none";
}

export function imageFacts({ kind, profile, versionBlock, header, body, bodySha256, keyHash }: Image): ImageFacts {
  const { crcs } = header;
  const stated = Buffer.from(header.bodySha256).toString("hex");
  return {
    kind,
    profile,
    version: versionBlock?.version,
    buildTime: versionBlock?.buildTime,
    commit: versionBlock?.commit,
    antiRollback: versionBlock?.antiRollback,
    headerRevision: header.revision,
    bodyOffset: header.bodyOffset,
    bodyBytes: header.bodyBytes,
    bootEntry: header.bootEntry,
    flags: header.flags,
    crcs: {
      flashConfig: tell(crcs.flashConfig),
      clock: tell(crcs.clock),
      header: tell(crcs.header),
      publicKey: tell(crcs.publicKey),
      signature: tell(crcs.signature),
    },
    bodySha256,
    bodyHash: stated === bodySha256 ? "ok" : "bad",
    keyHash,
    signature: header.signature === undefined ? "none" : verifySignature(header, body) ? "valid" : "invalid",
  };
}

const tell = (crc: Crc | undefined): "ok" | "bad" | "none" => {
  if (crc === undefined) return "none";
  return crcHolds(crc) ? "ok" : "bad";
};
