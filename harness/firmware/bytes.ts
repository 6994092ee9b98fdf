import { createHash } from "node:crypto";

export const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** The characters from `start` up to the next NUL, at most `max` of them; `undefined` outside of `bytes` or not plain ASCII. */
export function text(bytes: Uint8Array, start: number, max: number): string | undefined {
  if (start < 0 || start >= bytes.length) return undefined;
  const field = Buffer.from(bytes.subarray(start, start + max)).toString("latin1");
  const end = field.indexOf("\0");
  const value = end < 0 ? field : field.slice(0, end);
  return /^[\x20-\x7e]*$/.test(value) ? value : undefined;
}

/**
 * The texts among `bytes` that begin with `start`, each with the `max` characters from there on, whatever they are. An image is
 * searched as it is: as one string it would be twice as long, and take its time.
 */
export function* textsFrom(bytes: Uint8Array, start: string, max: number): Iterable<{ at: number; text: string }> {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = all.indexOf(start); at >= 0; at = all.indexOf(start, at + start.length))
    yield { at, text: all.toString("latin1", at, at + max) };
}
