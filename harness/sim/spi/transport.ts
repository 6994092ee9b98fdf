import type { Clock } from "../../base/time.js";
import { encodeSpiFrame, SPI_HEADER_BYTES, SPI_TYPES } from "../../protocol/spi-frame.js";
import type { Ncp } from "./options.js";
import { RdyLine } from "./rdy-line.js";
import type { ReadyPin } from "./ready-pin.js";
import type { SpiEnd } from "./slave.js";
import { Transaction } from "./transaction.js";

/** So many frames wait for the host before it is stalled: each transaction takes one of them, or none is lost. Our choice. */
const WAITING_FRAMES = 16;

interface Parts {
  readonly ncp: Ncp;
  readonly clock: Clock;
  readonly pin: ReadyPin;
  /** Aborts when the module is reset. */
  readonly signal: AbortSignal;
  /** Takes the payload of a whole frame of AT; all other types have no listener. */
  readonly heard: (payload: Uint8Array) => void;
}

/**
 * The application's transport. A transaction lasts from the first transfer under CS, which needs SPI_RDY high, to the fall
 * of CS. What the module says is fixed at its first byte; SPI_RDY falls behind the header and rises again once CS is low
 * and there is more, or CS rises anew. It costs no time while no host does anything.
 */
export class Transport implements SpiEnd {
  readonly #parts: Parts;
  readonly #rdy: RdyLine;
  #selected = false;
  #waiting: Uint8Array[] = [];
  #transaction: Transaction | undefined;
  #transactions = 0;
  #emptied: () => void = () => undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#rdy = new RdyLine(
      parts,
      () => this.#offer(),
      () => this.#selected || this.#waiting.length > 0,
    );
  }

  /** Payloads of frames to the host, longer ones cut to what a frame holds. */
  say(...payloads: readonly Uint8Array[]): void {
    const { mtu } = this.#parts.ncp;
    for (const payload of payloads)
      for (let at = 0; at < payload.length; at += mtu) this.#waiting.push(payload.slice(at, at + mtu));
    this.#offer();
  }

  /** Resolves once the host has taken all that waits now, and let go of CS. One at a time. */
  taken(): Promise<void> {
    return new Promise((resolve) => {
      this.#emptied = resolve;
      if (this.#waiting.length === 0 && !this.#selected) resolve();
    });
  }

  select(selected: boolean): void {
    this.#selected = selected;
    if (!selected) {
      this.#transaction = undefined;
      if (this.#waiting.length === 0) {
        this.#emptied();
        this.#rdy.fall();
      }
    }
    this.#offer();
  }

  open(): boolean {
    if (this.#transaction !== undefined) return true;
    if (!this.#selected || !this.#rdy.isOpen) return false;
    const [payload = new Uint8Array()] = this.#waiting;
    const isStalled = this.#stalls();
    this.#transaction = new Transaction(encodeSpiFrame(SPI_TYPES.at, payload, isStalled), this.#parts.ncp.mtu);
    return true;
  }

  clock(mosi: Uint8Array): Uint8Array {
    const transaction = this.#transaction;
    if (transaction === undefined) return new Uint8Array(mosi.length);
    const before = transaction.clocked;
    const miso = transaction.clock(mosi);
    if (before < SPI_HEADER_BYTES && transaction.clocked >= SPI_HEADER_BYTES) this.#acknowledge(transaction);
    const payload = transaction.payload();
    if (payload !== undefined) this.#parts.heard(payload);
    return miso;
  }

  /** A host that is stalled keeps what it was told for later: so we do. */
  #acknowledge({ header, isAnswer }: Transaction): void {
    if (isAnswer && header?.isStalled !== true) this.#waiting.shift();
    this.#rdy.fall();
  }

  #stalls(): boolean {
    const { stallFirst, stallEvery } = this.#parts.ncp;
    const nth = ++this.#transactions;
    const isPlanned = nth <= stallFirst || (stallEvery > 0 && nth % stallEvery === 0);
    return isPlanned || this.#waiting.length > WAITING_FRAMES;
  }

  #offer(): void {
    if (this.#transaction !== undefined) return;
    if (this.#selected) this.#rdy.rise(this.#parts.ncp.hearMs);
    else if (this.#waiting.length > 0) this.#rdy.rise(0);
  }
}
