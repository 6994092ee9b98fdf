import { Inbox } from "../../base/inbox.js";
import type { Deadline } from "../../base/time.js";
import type { Wire } from "../../base/wire.js";

/** A wire on which the module says what it once said, as soon as the host has written. Nothing is behind it. */
export class RecordedWire implements Wire {
  readonly #inbox = new Inbox();
  #answer: Uint8Array = new Uint8Array();
  #wrote: Uint8Array[] = [];
  baud: number;

  constructor(baud: number) {
    this.baud = baud;
  }

  /** What comes in answer to the next write; what was written before is forgotten. */
  expect(answer: Uint8Array): void {
    this.#answer = answer;
    this.#wrote = [];
  }

  /** Since `expect`. */
  get written(): Uint8Array {
    return Buffer.concat(this.#wrote);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#wrote.push(bytes.slice());
    this.#inbox.push(this.#answer);
    this.#answer = new Uint8Array();
  }

  read(deadline: Deadline): Promise<Uint8Array> {
    return this.#inbox.take(deadline);
  }

  arrived(): Uint8Array {
    return this.#inbox.arrived();
  }

  async setBaud(baud: number): Promise<void> {
    this.drop();
    this.baud = baud;
  }

  drop(): void {
    this.#inbox.drop();
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
