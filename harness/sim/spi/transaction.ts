import { parseSpiHeader, SPI_HEADER_BYTES, SPI_TYPES, type SpiHeader } from "../../protocol/spi-frame.js";

/** One transaction as the module sees it: what it says, and what it hears of the host. */
export class Transaction {
  readonly #frame: Uint8Array;
  readonly #mtu: number;
  readonly #heard: Uint8Array;
  readonly #isStalled: boolean;
  #clocked = 0;
  #given = false;

  /** @param frame the module's, header and padding included. */
  constructor(frame: Uint8Array, mtu: number) {
    this.#frame = frame;
    this.#mtu = mtu;
    this.#heard = new Uint8Array(SPI_HEADER_BYTES + mtu);
    this.#isStalled = parseSpiHeader(frame)?.isStalled === true;
  }

  /** Bytes so far, each way. */
  get clocked(): number {
    return this.#clocked;
  }

  /** The module has said something in it. */
  get isAnswer(): boolean {
    return this.#frame.length > SPI_HEADER_BYTES;
  }

  /** The host's; `undefined` while it is not whole, and where it is none. */
  get header(): SpiHeader | undefined {
    return this.#clocked < SPI_HEADER_BYTES ? undefined : parseSpiHeader(this.#heard);
  }

  /** @returns the module's next bytes, zeros behind its frame. */
  clock(mosi: Uint8Array): Uint8Array {
    const miso = new Uint8Array(mosi.length);
    miso.set(this.#frame.subarray(this.#clocked, this.#clocked + mosi.length));
    this.#heard.set(mosi.subarray(0, Math.max(0, this.#heard.length - this.#clocked)), this.#heardBytes);
    this.#clocked += mosi.length;
    return miso;
  }

  /** What the host says to AT, once, as soon as it is whole. A module that is stalled loses it; so it does what is too long. */
  payload(): Uint8Array | undefined {
    const { header } = this;
    if (this.#given || this.#isStalled || header === undefined || header.type !== SPI_TYPES.at) return undefined;
    const end = SPI_HEADER_BYTES + header.payloadBytes;
    if (header.payloadBytes === 0 || header.payloadBytes > this.#mtu || this.#heardBytes < end) return undefined;
    this.#given = true;
    return this.#heard.slice(SPI_HEADER_BYTES, end);
  }

  get #heardBytes(): number {
    return Math.min(this.#clocked, this.#heard.length);
  }
}
