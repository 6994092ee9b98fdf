import { u32, view } from "../../protocol/fields.js";
import { ROM_A0 } from "../quirks.js";
import { wordAligned } from "../silicon/memory.js";
import { ACK_MS, type RomParts } from "./parts.js";
import { Refusal } from "./refusal.js";
import type { Handlers } from "./session.js";

const WORD_BYTES = 4;
const PAIR_BYTES = 8;
/** On A0, by the vendor's host: its low half is the receive buffer's size, its high half the idle time-out in ms. */
const A0_PATIENCE_AT = 0x6102_df04;
const A0_BUFFER_BYTES = 0x1200;

const WRITE_LENGTH_ERROR = 0x0501;
const READ_LENGTH_ERROR = 0x0504;

/** The memory commands, word by word, as the sister chips' loaders do them. */
export function memoryHandlers({
  memory,
  patience,
  silicon,
  quirks,
  take,
}: RomParts): Pick<Handlers, "memoryWrite" | "memoryRead"> {
  const isPatience = (address: number) => quirks.romVersion === ROM_A0 && wordAligned(address) === A0_PATIENCE_AT;
  const refused = quirks.lockedMemory && silicon.fuses.locked;
  const load = (address: number) =>
    isPatience(address) ? ((patience.idleMs << 16) | A0_BUFFER_BYTES) >>> 0 : memory.load(address);
  const store = (address: number, value: number) => {
    if (isPatience(address)) patience.idleMs = value >>> 16;
    else memory.store(address, value);
  };
  return {
    async memoryWrite({ pairs }) {
      await take(ACK_MS);
      if (pairs.length % PAIR_BYTES !== 0 || refused) throw new Refusal(WRITE_LENGTH_ERROR);
      const words = view(pairs);
      for (let at = 0; at < pairs.length; at += PAIR_BYTES)
        store(words.getUint32(at, true), words.getUint32(at + WORD_BYTES, true));
      return {};
    },
    /** Address and length are rounded down to words, and it is cut as a read of the flash is: our choice. */
    async memoryRead({ address, length }) {
      await take(ACK_MS);
      if (refused) throw new Refusal(READ_LENGTH_ERROR);
      const words = Math.floor(Math.min(length, quirks.payloadLimit) / WORD_BYTES);
      const all = Array.from({ length: words }, (_, index) =>
        u32.encode(load(wordAligned(address) + WORD_BYTES * index)),
      );
      return { data: Buffer.concat(all) };
    },
  };
}
