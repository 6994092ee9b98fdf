import { HarnessError } from "../../base/errors.js";
import { Inbox } from "../../base/inbox.js";
import type { Clock, Deadline } from "../../base/time.js";
import type { Wire } from "../../base/wire.js";
import type { SimOptions } from "../options.js";
import { HostLine, type HostUart } from "./line.js";
import type { Uart } from "./uart.js";

/** What a host's adapter stands at until somebody sets it: the rate of the vendor's handshake. */
const FIRST_BAUD = 500_000;
/** No UART is faster; and time stays finer than a byte. */
const LIMIT_BAUD = 100_000_000;

/** A host's wire to the module: its own UART at the end of a line that takes its time. */
export class SimWire implements Wire, HostUart {
  readonly #line: HostLine;
  readonly #inbox = new Inbox();
  #baud = FIRST_BAUD;
  #writing: Promise<void> = Promise.resolve();

  constructor(uart: Uart, clock: Clock, options: Pick<SimOptions, "wiring" | "link">) {
    this.#line = new HostLine({ uart, clock, options }, this, true);
  }

  get baud(): number {
    return this.#baud;
  }

  /** One write after the other. @throws the deadline's error when time is up; what has left by then was sent. */
  write(bytes: Uint8Array, deadline: Deadline): Promise<void> {
    const copy = bytes.slice();
    const turn = this.#writing.then(() => this.#line.send(copy, (ms) => deadline.sleep(ms)));
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  read(deadline: Deadline): Promise<Uint8Array> {
    return this.#inbox.take(deadline);
  }

  arrived(): Uint8Array {
    return this.#inbox.arrived();
  }

  receive(bytes: Uint8Array): void {
    this.#inbox.push(bytes);
  }

  /** @throws HarnessError RIG_INVALID for a rate that no adapter has. */
  async setBaud(baud: number): Promise<void> {
    if (!(baud > 0 && baud <= LIMIT_BAUD))
      throw new HarnessError("RIG_INVALID", `expected a baud above 0 and up to ${LIMIT_BAUD}, got ${baud}`);
    this.drop();
    this.#baud = baud;
  }

  drop(): void {
    this.#line.skip();
    this.#inbox.drop();
  }

  /** Only unplugs: the module goes on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#line.unplug();
    this.#inbox.drop();
  }
}
