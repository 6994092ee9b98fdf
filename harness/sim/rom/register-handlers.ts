import { u32 } from "../../protocol/fields.js";
import { ACK_MS, type RomParts } from "./parts.js";
import { Refusal } from "./refusal.js";
import type { Handlers } from "./session.js";

/** The commands of SPI flashes for their status registers 1 to 3, which the vendor's host allows. */
const READS = [0x05, 0x35, 0x15];
const WRITES = [0x01, 0x31, 0x11];
/** Busy and write-enable: the flash's own, whatever is written. */
const READ_ONLY_BITS = 0x03;
/** Status registers are read and written as parts of one word. */
const MOST_BYTES = 4;
/** Nobody drives the line when the flash does not know a command. */
const UNDRIVEN = 0xff;
const WRITE_FAILED = 0x000a;

/**
 * The SPI flash's status registers. They start at 0 and last as long as the simulated module does; a state file does
 * not hold them, and nothing is protected by them: no host of this module writes them.
 */
export function registerHandlers({
  flash,
  silicon,
  quirks,
  take,
}: RomParts): Pick<Handlers, "flashReadStatus" | "flashWriteStatus"> {
  const { status } = silicon.nor;
  return {
    /** A flash repeats a register for as long as it is read. */
    async flashReadStatus({ command, length }) {
      await take(ACK_MS);
      flash.require();
      const value = status[READS.indexOf(command)] ?? UNDRIVEN;
      return { data: new Uint8Array(Math.min(length, MOST_BYTES)).fill(value) };
    },
    /** A second byte goes to the next register; a command that the flash does not know goes nowhere. */
    async flashWriteStatus({ command, length, value }) {
      await take(ACK_MS);
      flash.require();
      if (quirks.flashFails) throw new Refusal(WRITE_FAILED);
      const first = WRITES.indexOf(command);
      if (first < 0) return {};
      for (const [index, byte] of u32.encode(value).subarray(0, length).entries()) {
        if (first + index === 0) status[0] = byte & ~READ_ONLY_BITS;
        else if (first + index < status.length) status[first + index] = byte;
      }
      return {};
    },
  };
}
