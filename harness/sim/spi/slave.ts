import { ReadyPin } from "./ready-pin.js";

/** What the running application makes of CS and of the bytes that are clocked. */
export interface SpiEnd {
  select(selected: boolean): void;
  /** The first byte of a transfer comes. @returns whether it is heard. */
  open(): boolean;
  /** The bytes of a transfer that is heard. @returns as many. */
  clock(mosi: Uint8Array): Uint8Array;
}

/** MISO while the boot ROM or boot2 runs: their pins are not those of SPI, and hosts saw 0xFF. */
const NOT_SPI = 0xff;

/** The module's end of its four SPI wires and of SPI_RDY, from one application to the next. */
export class SpiSlave {
  readonly ready = new ReadyPin();
  #selected = false;
  #end: SpiEnd | undefined;
  #resting = 0;

  /** Power or CHIP_EN is gone: nobody drives MISO. */
  off(): void {
    this.#end = undefined;
    this.#resting = 0;
    this.ready.set(false);
  }

  /** The die starts anew. */
  reset(): void {
    this.off();
    this.#resting = NOT_SPI;
  }

  /** An application is up. */
  start(end: SpiEnd): void {
    this.#end = end;
    this.#resting = 0;
    if (this.#selected) end.select(true);
  }

  /** CS, as the host drives it. */
  select(selected: boolean): void {
    if (selected === this.#selected) return;
    this.#selected = selected;
    this.#end?.select(selected);
  }

  /** One transfer. @param spend takes its time. */
  async exchange(mosi: Uint8Array, spend: () => Promise<void>): Promise<Uint8Array> {
    const end = this.#end;
    const isHeard = this.#selected && end?.open() === true;
    await spend();
    if (isHeard && this.#end === end) return end.clock(mosi);
    return new Uint8Array(mosi.length).fill(this.#selected ? this.#resting : 0);
  }
}
