import { FIRST_CHUNK } from "../../protocol/commands.js";
import { FLASH_PARAMETERS } from "../../protocol/flash.js";
import { BOOT_ERRORS, BOOT2_ADDRESS, load } from "../boot/boot.js";
import { ACK_MS, LEAVE_MS, type RomParts } from "./parts.js";
import { Refusal } from "./refusal.js";
import { Restart } from "./restart.js";
import type { Handlers } from "./session.js";

/** Seen: 9.0 and 9.8 ms on the working seed module. */
const SET_PARA_MS = 9;
/** Seen: less than 1 ms. */
const JEDEC_MS = 0.3;

/** The manufacturer's id is followed by this when the ROM does not know the part: so in the seed logs. */
const UNKNOWN_PART = 0x00;
const KNOWN_PART = 0x80;

const PARAMETER_ERROR = 0x0008;
const NOT_MAPPED = 0x0004;
const NO_ADDRESS = 0xffff_ffff;
const WRITE_ADDRESS_ERROR = 0x0005;
const WRITE_FAILED = 0x0006;
const STREAM_WRITE_FAILED = 0x000b;

type FlashCommand =
  | "flashErase"
  | "flashWrite"
  | "flashRead"
  | "flashBoot"
  | "flashXipRead"
  | "flashSwitchBank"
  | "flashReadJedec"
  | "flashWriteCheck"
  | "flashSetPara"
  | "flashChipErase"
  | "flashReadSha"
  | "flashXipReadSha"
  | "flashDecompressWrite"
  | "xipReadStart"
  | "xipReadFinish";

/** What the ROM does with the flash. Nothing of it before set-para, but the write check and the end of the mapping. */
export function flashHandlers({ flash, silicon, quirks, jedec, take }: RomParts): Pick<Handlers, FlashCommand> {
  const id = Uint8Array.from([...Buffer.from(jedec, "hex"), quirks.knownFlash ? KNOWN_PART : UNKNOWN_PART]);
  const begin = async () => {
    await take(ACK_MS);
    flash.require();
  };
  /** Without the mapping it is refused as a wrong parameter: our choice, nobody has tried. */
  const beginMapped = async () => {
    await begin();
    if (quirks.hashNeedsMapping && !flash.mapped) throw new Refusal(NOT_MAPPED);
  };
  const cut = (length: number) => Math.min(length, quirks.payloadLimit);
  return {
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
      await begin();
      if (address === NO_ADDRESS) throw new Refusal(WRITE_ADDRESS_ERROR);
      if (quirks.ackBeforeProgramming) await answer.early();
      await flash.program(address, data, WRITE_FAILED);
      return {};
    },
    async flashRead({ address, length }) {
      await begin();
      return { data: flash.read(address, cut(length)) };
    },
    /** An image that does not boot is refused with boot2's number for it: our choice. */
    async flashBoot(_, answer) {
      await begin();
      const loaded = load(silicon, BOOT2_ADDRESS, false);
      if (!loaded.ok) throw new Refusal(BOOT_ERRORS[loaded.error]);
      await answer.early();
      await take(LEAVE_MS);
      throw new Restart(true);
    },
    async flashXipRead({ address, length }) {
      await beginMapped();
      return { data: flash.read(address, cut(length)) };
    },
    /** There is one bank: OK and nothing else, our choice. */
    async flashSwitchBank() {
      await begin();
      return {};
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
    async flashChipErase(_, answer) {
      await begin();
      await flash.eraseAll(async () => {
        if (quirks.pendingPerErase > 0) await answer.pending();
      });
      return {};
    },
    async flashReadSha({ address, length }) {
      await begin();
      return { digest: await flash.hash(address, length) };
    },
    async flashXipReadSha({ address, length }) {
      await beginMapped();
      return { digest: await flash.hash(address, length) };
    },
    async flashDecompressWrite({ address, data }, answer) {
      const expanded = done(() => {
        flash.require();
        if (address >= FIRST_CHUNK) flash.startStream(address - FIRST_CHUNK);
        return flash.expand(data);
      });
      await begin();
      if (quirks.ackBeforeProgramming) await answer.early();
      const piece = expanded();
      await flash.program(piece.address, piece.bytes, STREAM_WRITE_FAILED);
      return {};
    },
    async xipReadStart() {
      await begin();
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

/** Does `work` while the command's own time passes: what it costs here is none of the module's. @returns what gives its outcome. */
function done<T>(work: () => T): () => T {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
