import { RdyLine } from "./rdy-line.js";
import type { SpiEnd } from "./slave.js";

/** All that is known of the transport of factory firmware: how each transaction begins. */
const HEADER = Uint8Array.of(0x01, 0x55, 0, 0, 0, 0, 1, 0);

/** A module that lives, and that no host of today can talk to. */
export class FactoryTransport implements SpiEnd {
  readonly #rdy: RdyLine;
  readonly #hearMs: number;
  #selected = false;
  /** Once it was, SPI_RDY rises only for a host that begins. */
  #isTold = false;
  #clocked: number | undefined;

  constructor(parts: ConstructorParameters<typeof RdyLine>[0]) {
    this.#hearMs = parts.ncp.hearMs;
    this.#rdy = new RdyLine(
      parts,
      () => this.#offer(),
      () => this.#selected || !this.#isTold,
    );
    this.#rdy.rise(0);
  }

  select(selected: boolean): void {
    this.#selected = selected;
    this.#clocked = undefined;
    this.#offer();
  }

  open(): boolean {
    if (this.#clocked === undefined && this.#selected && this.#rdy.isOpen) this.#clocked = 0;
    return this.#clocked !== undefined;
  }

  clock(mosi: Uint8Array): Uint8Array {
    const miso = new Uint8Array(mosi.length);
    if (this.#clocked === undefined) return miso;
    miso.set(HEADER.subarray(this.#clocked, this.#clocked + mosi.length));
    this.#clocked += mosi.length;
    if (this.#clocked < HEADER.length) return miso;
    this.#isTold = true;
    this.#rdy.fall();
    return miso;
  }

  #offer(): void {
    if (this.#selected && this.#clocked === undefined) this.#rdy.rise(this.#hearMs);
  }
}
