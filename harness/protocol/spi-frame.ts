/**
 * A frame of the application's host interface (SDK 2.0.56 and later): a header of 8 bytes, the payload, and zeros up to a
 * multiple of 4, which the length does not count.
 */
export interface SpiHeader {
  /** 0 to 65535 bytes. ST's driver takes at most 1520 by default, and up to 6000. */
  readonly payloadBytes: number;
  /** One of `SPI_TYPES`; anything up to 255 as it came. */
  readonly type: number;
  /** The sender cannot take a payload now: what was sent to it in this transaction is lost. */
  readonly isStalled: boolean;
}

export const SPI_HEADER_BYTES = 8;
/** AA 55 on the wire. */
const SPI_MAGIC = 0x55aa;

export const SPI_TYPES = { at: 0, station: 1, accessPoint: 2, hci: 3, thread: 4 } as const;

/** Bit 2 of the fifth byte; below it two bits of version, 0; above it five of flags, 0. */
const RX_STALL = 0x04;

/** The next multiple of 4. */
const aligned = (bytes: number): number => (bytes + 3) & ~3;

/** @param payload at most 65535 bytes. */
export function encodeSpiFrame(type: number, payload: Uint8Array, isStalled = false): Uint8Array {
  const frame = Buffer.alloc(aligned(SPI_HEADER_BYTES + payload.length));
  frame.writeUInt16LE(SPI_MAGIC, 0);
  frame.writeUInt16LE(payload.length, 2);
  frame[4] = isStalled ? RX_STALL : 0;
  frame[5] = type;
  frame.set(payload, SPI_HEADER_BYTES);
  return frame;
}

/** @returns `undefined` where the first 8 bytes are no header: too few, or another magic. */
export function parseSpiHeader(bytes: Uint8Array): SpiHeader | undefined {
  if (bytes.length < SPI_HEADER_BYTES) return undefined;
  const words = new DataView(bytes.buffer, bytes.byteOffset, SPI_HEADER_BYTES);
  if (words.getUint16(0, true) !== SPI_MAGIC) return undefined;
  return {
    payloadBytes: words.getUint16(2, true),
    type: words.getUint8(5),
    isStalled: (words.getUint8(4) & RX_STALL) !== 0,
  };
}
