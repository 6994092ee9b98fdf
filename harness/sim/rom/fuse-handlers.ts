import { crc32 } from "node:zlib";
import { FUSE_BYTES } from "../silicon/fuses.js";
import { wordAligned } from "../silicon/memory.js";
import { ACK_MS, type RomParts } from "./parts.js";
import { Refusal } from "./refusal.js";
import type { Handlers } from "./session.js";

const WORD_BYTES = 4;
const MAC_BYTES = 8;
const BLOCK_BYTES = 128;
/** A block of 128 bytes. Seen: 25 to 32 ms for one, with the write of its lock word behind it. */
const BLOCK_MS = 28;

const WRITE_LENGTH_ERROR = 0x0401;
const WRITE_ADDRESS_ERROR = 0x0402;
const READ_ADDRESS_ERROR = 0x0405;
const NO_VALID_MAC = 0x0407;
const MAC_NOT_WRITTEN = 0x0408;

/**
 * The fuse commands, which need no set-para. Addresses are rounded down to words, as the sister chips' loaders do when
 * they read; for a write that is our choice, as is what it does behind the end: nothing.
 */
export function fuseHandlers({
  silicon: { fuses },
  quirks,
  take,
}: RomParts): Pick<Handlers, "efuseWrite" | "efuseRead" | "efuseReadMac" | "efuseWriteMac"> {
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
      await take(ACK_MS);
      if (address >= FUSE_BYTES) throw new Refusal(READ_ADDRESS_ERROR);
      return { data: fuses.read(wordAligned(address), wordAligned(length)) };
    },
    async efuseReadMac() {
      await take(ACK_MS);
      const { mac } = fuses;
      if (mac === undefined) throw new Refusal(NO_VALID_MAC);
      const told = quirks.macReversed ? mac.toReversed() : mac;
      return { mac: told, crc: crc32(told) };
    },
    /** Only where none is fused: our choice, nobody has tried. */
    async efuseWriteMac({ mac }) {
      await take((MAC_BYTES / BLOCK_BYTES) * BLOCK_MS);
      if (!fuses.burnMac(mac)) throw new Refusal(MAC_NOT_WRITTEN);
      return {};
    },
  };
}
