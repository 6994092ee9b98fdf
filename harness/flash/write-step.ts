import { createHash } from "node:crypto";
import { xzHolds } from "../native/xz.js";
import type { Part } from "./parts.js";
import { type KeptStreams, type Payload, Sent } from "./sent.js";
import type { Step } from "./step.js";

/** The vendor compresses files over 4096 bytes; smaller ones go plainly. */
const XZ_ABOVE_BYTES = 4096;

export interface Sending {
  readonly compress?: "auto" | "off" | undefined;
  readonly kept?: KeptStreams | undefined;
}

/**
 * The write of a file, or of a piece of one.
 *
 * @param sha256 of the part's bytes.
 * @throws HarnessError DRIVER_MISSING without liblzma, where that is needed.
 */
export function writeOf(
  part: Part,
  options: Sending,
  sha256 = createHash("sha256").update(part.bytes).digest("hex"),
): Step {
  const { file, address, bytes } = part;
  const sent = sentOf(part, sha256, options);
  return {
    op: "write",
    file,
    address,
    bytes: bytes.length,
    plain: bytes,
    get payload() {
      return sent.payload.payload;
    },
    get mode() {
      return sent.payload.mode;
    },
    begin: () => sent.begin(),
    ready: () => sent.ready(),
  };
}

function sentOf(
  { bytes, xz }: Part,
  sha256: string,
  { compress, kept }: Sending,
): Pick<Sent, "payload" | "begin" | "ready"> {
  const whole = (payload: Payload) => ({ payload, begin: () => undefined, ready: () => Promise.resolve() });
  if (compress === "off" || bytes.length <= XZ_ABOVE_BYTES) return whole({ payload: bytes, mode: "plain" });
  return new Sent(bytes, sha256, xz === undefined ? kept : offering(xz, kept));
}

/** The vendor's own stream goes first, where it holds these very bytes: that of another image may lie beside a file. */
const offering = (xz: Uint8Array, kept: KeptStreams | undefined): KeptStreams => ({
  find: async (sha256, bytes) => ((await xzHolds(xz, bytes)) ? xz : kept?.find(sha256, bytes)),
  add: (sha256, stream) => kept?.add(sha256, stream),
});
