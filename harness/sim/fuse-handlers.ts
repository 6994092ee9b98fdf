import type { Fuses } from "./fuses.js";
import { FUSE_BYTES } from "./fuses.js";
import { Refusal } from "./refusal.js";
import type { Handlers } from "./session.js";

const WORD_BYTES = 4;
const BLOCK_BYTES = 128;
/** A block of 128 bytes. Seen: 25 to 32 ms for one, with the write of its lock word behind it. */
const BLOCK_MS = 28;
/** A read is at once: a guess, well below what a log could show. */
const READ_MS = 0.1;

const WRITE_LENGTH_ERROR = 0x0401;
const WRITE_ADDRESS_ERROR = 0x0402;
const READ_ADDRESS_ERROR = 0x0405;

const wordAligned = (value: number): number => value - (value % WORD_BYTES);

/**
 * The fuse commands, which need no set-para. Addresses are rounded down to words, as the sister chips' loaders do when
 * they read; for a write that is our choice, as is what it does behind the end: nothing.
 */
export function fuseHandlers(
  fuses: Fuses,
  take: (ms: number) => Promise<void>,
): Pick<Handlers, "efuseWrite" | "efuseRead"> {
  return {
    /** Nothing is fused before its time is over. */
    async efuseWrite({ address, data }) {
      if (data.length % WORD_BYTES !== 0) throw new Refusal(WRITE_LENGTH_ERROR);
      if (address >= FUSE_BYTES) throw new Refusal(WRITE_ADDRESS_ERROR);
      await take((data.length / BLOCK_BYTES) * BLOCK_MS);
      fuses.burn(wordAligned(address), data);
      return {};
    },
    async efuseRead({ address, length }) {
      await take(READ_MS);
      if (address >= FUSE_BYTES) throw new Refusal(READ_ADDRESS_ERROR);
      return { data: fuses.read(wordAligned(address), wordAligned(length)) };
    },
  };
}
