import type { Deadline } from "../../harness/base/time.js";
import type { Wire } from "../../harness/base/wire.js";
import { SYNTHETIC_KEY_HASH } from "../../harness/firmware/synthetic.js";

const SIGN_CFG_AT = 0x5c;
const KEY_HASH_AT = 0x1c;

/** A fuse map of our own: little-endian words at their offsets, and, unless it is empty, the key hash. */
export function fuseMap(words: Readonly<Record<number, number>> = {}, keyHash = ""): Uint8Array {
  const out = new Uint8Array(512);
  out.set(Buffer.from(keyHash, "hex"), KEY_HASH_AT);
  for (const [at, word] of Object.entries(words)) new DataView(out.buffer).setUint32(Number(at), word, true);
  return out;
}

/** What locks a module to the synthetic images, and nothing else. */
export const lockingFuses = (words: Readonly<Record<number, number>> = {}): Uint8Array =>
  fuseMap({ [SIGN_CFG_AT]: 0x80, ...words }, SYNTHETIC_KEY_HASH);

/** As a file of fuses without a mask has it. */
export const maskOf = (wanted: Uint8Array): Uint8Array => wanted.map((byte) => (byte === 0 ? 0 : 0xff));

/** The same wire, but frames of `opcode` can be answered in place of the module: by their number, counted from 1. */
export function answering(
  wire: Wire,
  opcode: number,
  answer: (nth: number) => Uint8Array | undefined,
): { readonly wire: Wire; readonly count: () => number } {
  let nth = 0;
  let instead: Uint8Array | undefined;
  const wrapped: Wire = {
    get baud() {
      return wire.baud;
    },
    async write(bytes, deadline) {
      instead = bytes[0] === opcode ? answer(++nth) : undefined;
      if (instead === undefined) await wire.write(bytes, deadline);
    },
    async read(deadline: Deadline) {
      const bytes = instead;
      if (bytes === undefined || bytes.length === 0) return wire.read(deadline);
      instead = new Uint8Array();
      return bytes;
    },
    setBaud: (baud, deadline) => wire.setBaud(baud, deadline),
    arrived: () => wire.arrived(),
    drop: () => wire.drop(),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  };
  return { wire: wrapped, count: () => nth };
}
