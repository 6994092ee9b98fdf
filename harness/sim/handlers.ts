import type { Clock } from "../base/time.js";
import { FIRST_CHUNK } from "../protocol/commands.js";
import { FLASH_PARAMETERS } from "../protocol/flash.js";
import { fuseHandlers } from "./fuse-handlers.js";
import type { Fuses } from "./fuses.js";
import { BUFFER_BYTES } from "./intake.js";
import type { SimOptions } from "./options.js";
import { Refusal } from "./refusal.js";
import { Restart } from "./restart.js";
import type { RomFlash } from "./rom-flash.js";
import type { Handlers, Patience } from "./session.js";
import type { Uart } from "./uart.js";

/** Seen: 2 to 15 ms, the way through a USB adapter included. */
const BOOT_INFO_MS = 2;
/** Seen: 0.19 and 0.45 ms on a BL616. */
const CLOCK_SET_MS = 0.2;
/** Seen: 9.0 and 9.8 ms on the working seed module. */
const SET_PARA_MS = 9;
/** Seen: less than 1 ms. */
const JEDEC_MS = 0.3;
/** From the OK to the reset: so boot2's public source has it; the sister chips' loaders wait 4 ms. */
const RESET_MS = 40;
/** What every other command takes beside its work: a guess, well below what a log could show. */
const ACK_MS = 0.1;

const CLOCK_BLOCK_BYTES = 20;
/** Most that a read answers: what the receive buffer holds less a header. Inferred; longer ones are cut, without a word. */
const READ_BYTES = BUFFER_BYTES - 4;
/** The manufacturer's id is followed by this when the ROM does not know the part: so in the seed logs. */
const UNKNOWN_PART = 0x00;

const LENGTH_ERROR = 0x0102;
const RATE_ERROR = 0x0302;
const PARAMETER_ERROR = 0x0008;
const NOT_MAPPED = 0x0004;
const NO_ADDRESS = 0xffff_ffff;
const WRITE_ADDRESS_ERROR = 0x0005;
const WRITE_FAILED = 0x0006;
const STREAM_WRITE_FAILED = 0x000b;

interface Parts {
  readonly flash: RomFlash;
  readonly fuses: Fuses;
  readonly uart: Uart;
  readonly patience: Patience;
  readonly options: SimOptions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What the boot ROM does on each command. Status codes and checks are those of the sister chips' loaders. */
export function romHandlers({ flash, fuses, uart, patience, options, clock, signal }: Parts): Handlers {
  const { quirks } = options;
  const take = (ms: number) => clock.sleep(ms, signal);
  const id = Uint8Array.from([...Buffer.from(options.jedec, "hex"), UNKNOWN_PART]);
  return {
    ...fuseHandlers(fuses, take),
    async getBootInfo() {
      await take(BOOT_INFO_MS);
      return { data: fuses.bootInfo() };
    },
    async reset(_, answer) {
      await take(ACK_MS);
      await answer.early();
      await take(RESET_MS);
      throw new Restart();
    },
    /** A rate of 0 is refused: our choice, nobody has tried. */
    async clockSet({ baud, clock: block }, answer) {
      await take(CLOCK_SET_MS);
      if (block.length !== 0 && block.length !== CLOCK_BLOCK_BYTES) throw new Refusal(LENGTH_ERROR);
      if (baud === 0) throw new Refusal(RATE_ERROR);
      await answer.early();
      uart.baud = baud;
      return {};
    },
    async setIdleTimeout({ ms }) {
      await take(ACK_MS);
      patience.idleMs = ms;
      return {};
    },
    async flashErase({ first, last }, answer) {
      await take(ACK_MS);
      flash.writeError = undefined;
      flash.require();
      await flash.erase(first, last, async () => {
        for (let pending = 0; pending < quirks.pendingPerErase; pending++) await answer.pending();
      });
      return {};
    },
    async flashWrite({ address, data }, answer) {
      await take(ACK_MS);
      flash.require();
      if (address === NO_ADDRESS) throw new Refusal(WRITE_ADDRESS_ERROR);
      if (quirks.ackBeforeProgramming) await answer.early();
      await flash.program(address, data, WRITE_FAILED);
      return {};
    },
    async flashRead({ address, length }) {
      await take(ACK_MS);
      flash.require();
      return { data: flash.read(address, Math.min(length, READ_BYTES)) };
    },
    async flashReadJedec() {
      await take(JEDEC_MS);
      flash.require();
      return { id };
    },
    async flashWriteCheck() {
      await take(ACK_MS);
      if (flash.writeError !== undefined) throw new Refusal(flash.writeError);
      return {};
    },
    async flashSetPara({ parameters }, answer) {
      if (parameters.length !== 0 && parameters.length !== FLASH_PARAMETERS.length) {
        await take(ACK_MS);
        throw new Refusal(PARAMETER_ERROR);
      }
      await take(SET_PARA_MS);
      flash.ready = true;
      if (flash.mute) answer.withhold();
      return {};
    },
    async flashChipErase() {
      await take(ACK_MS);
      flash.require();
      await flash.eraseAll();
      return {};
    },
    /** Without the mapping it is refused as a wrong parameter: our choice, nobody has tried. */
    async flashXipReadSha({ address, length }) {
      await take(ACK_MS);
      flash.require();
      if (!flash.mapped) throw new Refusal(NOT_MAPPED);
      return { digest: await flash.hash(address, length) };
    },
    async flashDecompressWrite({ address, data }, answer) {
      await take(ACK_MS);
      flash.require();
      if (address >= FIRST_CHUNK) flash.startStream(address - FIRST_CHUNK);
      if (quirks.ackBeforeProgramming) await answer.early();
      const piece = flash.expand(data);
      await flash.program(piece.address, piece.bytes, STREAM_WRITE_FAILED);
      return {};
    },
    async xipReadStart() {
      await take(ACK_MS);
      flash.require();
      flash.mapped = true;
      return {};
    },
    async xipReadFinish() {
      await take(ACK_MS);
      flash.mapped = false;
      return {};
    },
  };
}
