import type { SpiPort } from "../../harness/base/spi.js";
import type { ReadyInput } from "../../harness/base/wire.js";
import { At } from "../../harness/ncp/at.js";
import type { AtObserver } from "../../harness/ncp/conversation.js";
import { Transport } from "../../harness/ncp/transport.js";
import { encodeSpiFrame, parseSpiHeader } from "../../harness/protocol/spi-frame.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";

/** Payloads of AT, each a frame of its own; `Uint8Array` of any bytes. */
export type Frames = readonly (string | Uint8Array)[];

export const bytesOf = (text: string | Uint8Array): Uint8Array =>
  typeof text === "string" ? Buffer.from(text, "latin1") : text;

/** The far side of an SPI, by script: what it says is queued, what it hears goes to `hears`. */
export class FarSide implements SpiPort, ReadyInput {
  readonly clock = new VirtualClock();
  /** Whole frames that wait for the host. */
  readonly queue: Uint8Array[] = [];
  /** The payloads that the host sent and the far side took. */
  readonly heard: Buffer[] = [];
  /** So many of the next transactions are stalled, or those that it says by their number, from 1 on. */
  stalls: number | ((nth: number) => boolean) = 0;
  /** SPI_RDY for whoever looks, where it is not as it should be. */
  stuck: boolean | undefined;
  selected = false;
  hears: (payload: Buffer) => void = () => undefined;
  #ended = false;
  #saying: Uint8Array | undefined;
  #sent = 0;
  #taken: Buffer | undefined;
  #isStalled = false;
  #transactions = 0;

  say(payload: string | Uint8Array, afterMs = 0, type = 0): void {
    const frame = encodeSpiFrame(type, bytesOf(payload));
    if (afterMs === 0) this.queue.push(frame);
    else void this.clock.sleep(afterMs).then(() => this.queue.push(frame));
  }

  /** Answers each command by its frames; the first matching row counts. */
  answers(table: Readonly<Record<string, Frames>>): void {
    this.hears = (payload) => {
      for (const frame of table[payload.toString("latin1").trimEnd()] ?? []) this.say(frame, 1);
    };
  }

  async read(): Promise<boolean> {
    return this.stuck ?? (this.selected ? !this.#ended : this.queue.length > 0);
  }

  async select(selected: boolean): Promise<void> {
    if (this.selected && !selected && this.#taken !== undefined) {
      const taken = this.#taken;
      this.#taken = undefined;
      this.heard.push(taken);
      this.hears(taken);
    }
    this.selected = selected;
    this.#ended = false;
    this.#saying = undefined;
    this.#sent = 0;
  }

  async transfer(mosi: Uint8Array): Promise<Uint8Array> {
    const isFirst = this.#saying === undefined;
    if (isFirst) this.#isStalled = this.#stallsNow();
    const isStalled = this.#isStalled;
    this.#saying ??= this.queue.shift() ?? encodeSpiFrame(0, new Uint8Array(), isStalled);
    const out = Buffer.alloc(mosi.length);
    out.set(this.#saying.subarray(this.#sent, this.#sent + mosi.length));
    if (isFirst && isStalled) out[4] = 0x04;
    const header = isFirst ? parseSpiHeader(mosi) : undefined;
    if (header !== undefined && header.payloadBytes > 0 && !isStalled)
      this.#taken = Buffer.from(mosi.subarray(8, 8 + header.payloadBytes));
    this.#sent += mosi.length;
    this.#ended = this.#sent >= this.#saying.length;
    return out;
  }

  #stallsNow(): boolean {
    this.#transactions++;
    return typeof this.stalls === "number" ? this.#transactions <= this.stalls : this.stalls(this.#transactions);
  }
}

export const atOn = (far: FarSide, observer: AtObserver = {}): At => new At(new Transport("bench", far, far), observer);
