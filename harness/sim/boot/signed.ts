import { type BootHeader, verifySignature } from "../../firmware/header.js";

/** So many answers are remembered: those of more images than a night has. */
const MOST = 512;

/** By all that decides it: the body's digest, the key and the signature. */
const answers = new Map<string, boolean>();

/**
 * As `verifySignature`, which is asked once for the same body, key and signature: a module judges both of its images at
 * every boot.
 *
 * @param digest the SHA-256 that `body` was found to have, not the one that the header states.
 */
export function isSigned(header: BootHeader, body: Uint8Array, digest: Uint8Array): boolean {
  const { publicKey, signature } = header;
  if (publicKey === undefined || signature === undefined) return false;
  const what = Buffer.concat([digest, publicKey, signature]).toString("latin1");
  const known = answers.get(what);
  if (known !== undefined) return known;
  if (answers.size === MOST) answers.clear();
  const answer = verifySignature(header, body);
  answers.set(what, answer);
  return answer;
}
