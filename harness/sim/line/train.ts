/** Bytes on the line, back to back. `endMs` is when the last one's stop bit ends. */
export interface Train {
  readonly bytes: Uint8Array;
  readonly baud: number;
  readonly endMs: number;
  /** The line takes no time: all of them came at `endMs`. */
  readonly atOnce?: boolean;
}

/** One byte with its start and stop bit, in milliseconds. */
export const byteMs = (baud: number): number => 10_000 / baud;

/** Less than this part of a byte is rounding, not time. */
const SLACK = 0.001;

/** How many of the bytes that began at `startMs` have left by `nowMs`. */
export const sentBy = (nowMs: number, startMs: number, baud: number): number =>
  Math.max(0, Math.floor((nowMs - startMs) / byteMs(baud) + SLACK));

/** From one byte of `train` to the next, in milliseconds. */
export const spacingMs = ({ atOnce, baud }: Train): number => (atOnce === true ? 0 : byteMs(baud));

/** What of `train` had not arrived by `ms`; `whole`: what had not begun by then. */
export function since(train: Train, ms: number, whole = false): Train {
  const { bytes, baud, endMs, atOnce } = train;
  const late = (endMs - ms) / byteMs(baud);
  const timely = whole ? Math.floor(late + SLACK) : Math.ceil(late - SLACK);
  const count = atOnce === true ? (endMs >= ms ? bytes.length : 0) : Math.min(bytes.length, Math.max(0, timely));
  return { ...train, bytes: bytes.subarray(bytes.length - count) };
}
