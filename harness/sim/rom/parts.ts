import type { Uart } from "../line/uart.js";
import type { Quirks } from "../quirks.js";
import type { Memory } from "../silicon/memory.js";
import type { Silicon } from "../silicon/state.js";
import type { RomFlash } from "./rom-flash.js";
import type { Patience } from "./session.js";

/** What a command takes beside its work: a guess, well below what a log could show. */
export const ACK_MS = 0.1;
/** From the OK to a reset or a jump: so boot2's public source has it; the sister chips' loaders wait 4 ms. */
export const LEAVE_MS = 40;

/** What the boot ROM's commands work on. */
export interface RomParts {
  readonly flash: RomFlash;
  readonly silicon: Silicon;
  readonly memory: Memory;
  readonly uart: Uart;
  readonly patience: Patience;
  readonly quirks: Quirks;
  /** 6 hex digits. */
  readonly jedec: string;
  /** Spends time, in ms. */
  readonly take: (ms: number) => Promise<void>;
  /** Aborts when the module is reset. */
  readonly signal: AbortSignal;
}
