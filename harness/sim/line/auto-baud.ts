import type { Train } from "./train.js";
import type { Ear } from "./uart.js";

const SYNC_BYTE = 0x55;
/** So many of them in a row are measured: what the ROM's drivers and all known hosts agree on. */
const SYNC_BYTES = 16;
/** Up to here the measured rate is used; above, the nearest multiple of `STEP_BAUD`. From the sister chips' loaders. */
const EXACT_BAUD = 970_000;
const STEP_BAUD = 500_000;
/** Four clocks of a 40 MHz UART a bit; faster is not measured. */
const FASTEST_BAUD = 10_000_000;

/** Waits for a run of 0x55 and measures its rate; other bytes only break the run. */
export class AutoBaud implements Ear {
  /** The rate that the module will use. */
  readonly found: Promise<number>;
  #done: (baud: number) => void = () => undefined;
  #run = 0;
  #baud = 0;

  constructor() {
    this.found = new Promise((resolve) => {
      this.#done = resolve;
    });
  }

  appetite(): number {
    return SYNC_BYTES - this.#run;
  }

  hear({ bytes, baud }: Train): void {
    if (baud !== this.#baud || baud > FASTEST_BAUD) this.#run = 0;
    this.#baud = baud;
    for (const byte of baud > FASTEST_BAUD ? [] : bytes) {
      this.#run = byte === SYNC_BYTE ? this.#run + 1 : 0;
      if (this.#run === SYNC_BYTES) this.#done(settled(baud));
    }
  }
}

const settled = (baud: number): number => (baud <= EXACT_BAUD ? baud : Math.round(baud / STEP_BAUD) * STEP_BAUD);
