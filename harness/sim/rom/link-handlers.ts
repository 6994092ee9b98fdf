import { ACK_MS, LEAVE_MS, type RomParts } from "./parts.js";
import { Refusal } from "./refusal.js";
import { Restart } from "./restart.js";
import type { Handlers } from "./session.js";

/** Seen: 2 to 15 ms, the way through a USB adapter included. */
const BOOT_INFO_MS = 2;
/** Seen: 0.19 and 0.45 ms on a BL616. */
const CLOCK_SET_MS = 0.2;
/** Before the UART takes the new rate: from boot2's public source. */
const CHANGE_RATE_MS = 4;
const CLOCK_BLOCK_BYTES = 20;

const LENGTH_ERROR = 0x0102;
const RATE_ERROR = 0x0302;

type LinkCommand = "getBootInfo" | "reset" | "clockSet" | "changeRate" | "setIdleTimeout" | "readLog";

/** What concerns the session and its line, not the flash. */
export function linkHandlers({ silicon, uart, patience, quirks, take }: RomParts): Pick<Handlers, LinkCommand> {
  return {
    async getBootInfo() {
      await take(BOOT_INFO_MS);
      return { data: silicon.fuses.bootInfo(quirks.romVersion) };
    },
    async reset(_, answer) {
      await take(ACK_MS);
      await answer.early();
      await take(LEAVE_MS);
      throw new Restart();
    },
    /** A rate of 0 is refused: our choice, nobody has tried. */
    async clockSet({ baud, clock: block }, answer) {
      await take(CLOCK_SET_MS);
      if (block.length !== 0 && block.length !== CLOCK_BLOCK_BYTES) throw new Refusal(LENGTH_ERROR);
      if (baud === 0) throw new Refusal(RATE_ERROR);
      await answer.early();
      if (quirks.rateSettleMs > 0) await take(quirks.rateSettleMs);
      uart.baud = baud;
      return {};
    },
    /** Its OK comes at the new rate. What the host says the old rate was does not count: our choice. */
    async changeRate({ to }) {
      if (to === 0) throw new Refusal(RATE_ERROR);
      await take(CHANGE_RATE_MS);
      uart.baud = to;
      return {};
    },
    async setIdleTimeout({ ms }) {
      await take(ACK_MS);
      patience.idleMs = ms;
      return {};
    },
    /** Empty: nobody has shown one of this ROM, and its fuses switch its log off. */
    async readLog() {
      await take(ACK_MS);
      return { text: new Uint8Array() };
    },
  };
}
