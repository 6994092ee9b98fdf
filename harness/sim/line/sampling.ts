const BITS = 10;
const STOP_BIT = 9;

/** The line's level at bit `index` of `bytes` sent back to back: start bit low, lowest bit first, stop bit high, then idle. */
function level(bytes: Uint8Array, index: number): number {
  const byte = bytes[Math.floor(index / BITS)];
  const bit = index % BITS;
  if (byte === undefined || bit === STOP_BIT) return 1;
  return bit === 0 ? 0 : (byte >> (bit - 1)) & 1;
}

/**
 * What a UART set to `to` baud makes of `bytes` that were sent at `from`, out of an idle line: it waits for a falling
 * edge and samples in the middle of its own bits. A start bit that is over by then was a glitch; a low stop bit is a
 * framing error, which costs the byte nothing: it is delivered as it was read. Then the line must go high again.
 */
export function resample(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const step = from / to;
  const end = bytes.length * BITS;
  const out: number[] = [];
  for (let at = nextEdge(bytes, 0, end); at < end; ) {
    const sample = (bit: number) => level(bytes, Math.floor(at + (bit + 0.5) * step));
    if (sample(0) === 1) {
      at = nextEdge(bytes, Math.floor(at + 0.5 * step) + 1, end);
      continue;
    }
    let value = 0;
    for (let bit = 0; bit < 8; bit++) value |= sample(bit + 1) << bit;
    out.push(value);
    at = nextEdge(bytes, Math.floor(at + (STOP_BIT + 0.5) * step) + 1, end);
  }
  return Uint8Array.from(out);
}

/** The first bit from `from` on that is low after a high one; `end` if there is none. */
function nextEdge(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) if (level(bytes, at) === 0 && (at === 0 || level(bytes, at - 1) === 1)) return at;
  return end;
}
