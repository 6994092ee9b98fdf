import type { Train } from "../line/train.js";
import type { Ear } from "../line/uart.js";
import { Restart } from "../rom/restart.js";
import type { Board } from "../rom/rom.js";

/** boot2 and the application, whatever rate the ROM had. */
export const APPLICATION_BAUD = 2_000_000;

const READY = Buffer.from("Boot2 ISP Ready", "latin1");
/** From the last byte of the answer to the reset: from boot2's public source, as the numbers below. */
const LEAVE_MS = 2;
const SYNC_BYTE = 0x55;
/** What the UART's FIFO holds; all of it must be there. */
const FIFO_BYTES = 32;
const SYNC_BYTES = 16;
/** What the vendor's hosts send to a running application of the family to get into the ROM. */
const PHRASE = Buffer.from("\r\nispboot if\r\nreboot\r\n", "latin1");

/** Says that it will, then resets the die into the ROM, where the host must begin with a handshake at any rate. */
export async function leaveForRom({ uart, memory, clock }: Board, signal: AbortSignal): Promise<never> {
  uart.listen(undefined);
  await uart.say(READY, signal);
  await clock.sleep(LEAVE_MS, signal);
  memory.askForRom();
  throw new Restart();
}

/** The UART's own FIFO, which nobody empties but a poll: what comes while it is full is lost. */
export class Fifo implements Ear {
  #bytes: Uint8Array = new Uint8Array();

  appetite(): number {
    const room = FIFO_BYTES - this.#bytes.length;
    return room > 0 ? room : Number.POSITIVE_INFINITY;
  }

  hear({ bytes }: Train): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]).subarray(0, FIFO_BYTES);
  }

  /** Empties it. @returns whether a host asked for the ROM: 32 bytes, at least 16 of them 0x55. */
  poll(): boolean {
    const bytes = this.#bytes;
    this.#bytes = new Uint8Array();
    return bytes.length === FIFO_BYTES && bytes.filter((byte) => byte === SYNC_BYTE).length >= SYNC_BYTES;
  }
}

/** Waits for the phrase that sends a running application into the ROM. */
export class Phrase implements Ear {
  readonly heard: Promise<void>;
  #done: () => void = () => undefined;
  #tail: Uint8Array = new Uint8Array();

  constructor() {
    this.heard = new Promise((resolve) => {
      this.#done = resolve;
    });
  }

  /** What is missing of it, if its beginning is the last that was heard. */
  appetite(): number {
    let known = Math.min(this.#tail.length, PHRASE.length - 1);
    while (!PHRASE.subarray(0, known).equals(this.#tail.subarray(this.#tail.length - known))) known--;
    return PHRASE.length - known;
  }

  hear({ bytes }: Train): void {
    const all = Buffer.concat([this.#tail, bytes]);
    if (all.includes(PHRASE)) this.#done();
    this.#tail = all.subarray(Math.max(0, all.length - PHRASE.length + 1));
  }
}
