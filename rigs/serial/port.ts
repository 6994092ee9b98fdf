import type { SerialPort, SerialPortMock } from "serialport";
import { HarnessError } from "../../harness/base/errors.js";
import type { Deadline } from "../../harness/base/time.js";
import { type AtOnce, isAtOnce } from "./at-once.js";
import { messageOf, openingError } from "./port-trouble.js";

/** `hupcl: false`: we ask for no hang-up on closing. The package clears none either: see `ModemStraps`. */
export interface PortOptions {
  readonly path: string;
  readonly baudRate: number;
  readonly autoOpen: false;
  readonly lock: true;
  readonly hupcl: false;
}

/** A port of the package `serialport`. */
export type PortStream = SerialPort | SerialPortMock;

/** Makes a port that is not open yet. */
export type MakePort = (options: PortOptions) => PortStream;

export type Done = (error?: unknown) => void;

/**
 * A port whose calls are promises. They all end, with PORT_LOST, when the port goes: the package itself would let a
 * write to a port that has closed wait for its next opening.
 */
export class Port implements AsyncDisposable {
  readonly path: string;
  readonly #stream: PortStream;
  readonly #waiting = new Set<Done>();
  readonly #onGone: () => void;
  #gone: HarnessError | undefined;

  constructor(stream: PortStream, onGone: () => void) {
    this.#stream = stream;
    this.path = stream.path;
    this.#onGone = onGone;
    stream.on("close", (error?: Error | null) => this.#leave(this.lost(error)));
    stream.on("error", (error: Error) => this.#leave(this.lost(error)));
  }

  /** Whether it went away or was closed by us. */
  get gone(): boolean {
    return this.#gone !== undefined;
  }

  refuseIfGone(): void {
    if (this.#gone !== undefined) throw this.#gone;
  }

  /** An opening that is given up is undone once it has happened. */
  async open(deadline: Deadline): Promise<void> {
    const opening = new Promise<void>((resolve, reject) =>
      this.#stream.open((error) => {
        if (error) return reject(openingError(this.path, error));
        if (this.gone) this.#stream.close(() => undefined);
        resolve();
      }),
    );
    await deadline.race(opening);
  }

  /**
   * One call, as long as `deadline` allows and the port is there.
   *
   * @param explain the error for what the call ended with.
   */
  async run(call: (done: Done) => void, deadline: Deadline, explain = this.lost.bind(this)): Promise<void> {
    this.refuseIfGone();
    deadline.signal.throwIfAborted();
    let done: Done = () => undefined;
    const work = new Promise<void>((resolve, reject) => {
      done = (error) => {
        if (!error) return resolve();
        reject(error instanceof HarnessError ? error : explain(error));
      };
      this.#waiting.add(done);
      call(done);
    });
    try {
      await deadline.race(work);
    } finally {
      this.#waiting.delete(done);
    }
  }

  /** Where ports are polled `heard` gets what comes from now on, and the stream nothing; elsewhere nothing happens. */
  hear(heard: (bytes: Uint8Array) => void): void {
    this.#direct?.hear(heard);
  }

  /** What the system takes at once, where nothing waits before it. @returns how many bytes: the rest is for `run`. */
  writeNow(bytes: Uint8Array, deadline: Deadline): number {
    this.refuseIfGone();
    deadline.signal.throwIfAborted();
    return this.#stream.writableLength === 0 ? (this.#direct?.writeNow(bytes) ?? 0) : 0;
  }

  get #direct(): AtOnce | undefined {
    const { port } = this.#stream;
    return port !== undefined && isAtOnce(port) ? port : undefined;
  }

  lost(cause: unknown): HarnessError {
    const why = cause ? `: ${messageOf(cause)}` : "";
    return new HarnessError("PORT_LOST", `${this.path}: the port went away while it was open${why}`, { cause });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave(new HarnessError("INTERNAL", `${this.path}: the port was used after it was closed`));
    if (!this.#stream.isOpen) return;
    await new Promise<void>((resolve, reject) =>
      this.#stream.close((error) => (error && !("disconnected" in error) ? reject(this.lost(error)) : resolve())),
    );
  }

  #leave(why: HarnessError): void {
    if (this.#gone !== undefined) return;
    this.#gone = why;
    for (const done of this.#waiting) done(why);
    this.#onGone();
  }
}
