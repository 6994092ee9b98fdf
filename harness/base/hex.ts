const SHOWN_BYTES = 32;

/** `bytes` as hex digits; long runs are cut and counted. */
export function hex(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, SHOWN_BYTES)).toString("hex");
  return bytes.length > SHOWN_BYTES ? `${shown}… (${bytes.length} bytes)` : shown;
}

/** An address or a length as people write it: 0x10000. */
export const hexNumber = (value: number): string => `0x${value.toString(16).toUpperCase()}`;
