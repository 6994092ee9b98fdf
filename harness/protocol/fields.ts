/** One field of a payload. All integers are little endian. */
export interface Field<T> {
  /** Bytes that it takes at least. */
  readonly size: number;
  /** Takes all that is left of the payload; only as a layout's last field. */
  readonly rest?: true;
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

export type Layout = Readonly<Record<string, Field<never> | Field<number> | Field<Uint8Array>>>;
export type Values<L extends Layout> = { -readonly [K in keyof L]: L[K] extends Field<infer T> ? T : never };

export const u32: Field<number> = {
  size: 4,
  /** @throws RangeError for what four bytes do not hold: cut to them, it would be another address. */
  encode(value) {
    if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff)
      throw new RangeError(`expected a whole number of 0 to 0xFFFFFFFF, got ${value}`);
    const out = new Uint8Array(4);
    new DataView(out.buffer).setUint32(0, value, true);
    return out;
  },
  decode: (bytes) => view(bytes).getUint32(0, true),
};

/** Exactly `size` bytes. */
export function bytes(size: number): Field<Uint8Array> {
  return { size, encode: (value) => value, decode: (raw) => raw.slice() };
}

/** The rest of the payload, `min` bytes at least. */
export function rest(min: number): Field<Uint8Array> {
  return { size: min, rest: true, encode: (value) => value, decode: (bytes) => bytes.slice() };
}

export const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * @param room bytes to leave free in front of the fields.
 * @throws RangeError for a `rest` field that is shorter than its minimum: a caller's bug.
 */
export function pack(layout: Layout, values: Readonly<Record<string, unknown>>, room = 0): Uint8Array {
  const parts: Uint8Array[] = [new Uint8Array(room)];
  for (const name in layout) {
    const field = layout[name] as Field<unknown>;
    const bytes = field.encode(values[name]);
    if (bytes.length < field.size)
      throw new RangeError(`${name}: ${bytes.length} bytes, expected at least ${field.size}`);
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

/** The fields of `payload`, or `undefined` when its length does not fit the layout. */
export function unpack<L extends Layout>(layout: L, payload: Uint8Array): Values<L> | undefined {
  const out: Record<string, unknown> = {};
  let at = 0;
  for (const name in layout) {
    const field = layout[name] as Field<unknown>;
    const end = field.rest ? payload.length : at + field.size;
    if (end - at < field.size || end > payload.length) return undefined;
    out[name] = field.decode(payload.subarray(at, end));
    at = end;
  }
  return at === payload.length ? (out as Values<L>) : undefined;
}
