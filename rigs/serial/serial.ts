import { Cleanup } from "../../harness/base/cleanup.js";
import { HarnessError } from "../../harness/base/errors.js";
import { Inbox } from "../../harness/base/inbox.js";
import type { Deadline } from "../../harness/base/time.js";
import type { Wire } from "../../harness/base/wire.js";
import { atOnce } from "./at-once.js";
import { type Done, type MakePort, Port, type PortStream } from "./port.js";
import { messageOf } from "./port-trouble.js";

/** A UART reads bytes wrong when both ends together are some 4 % apart: half of it is the module's. */
const RATE_TOLERANCE = 0.02;
/** Bits of a byte on the line, and milliseconds of a second. */
const MS_BITS = 10 * 1000;
/** Waits for an answer have room for so much of the line's own time, in ms: the system is not asked when it is over. */
const UNDRAINED_MS = 50;
/** What a system says of a port without modem lines: a PTY (older kernels: invalid), or a driver that cannot send a break. */
const NO_LINES = /inappropriate ioctl|invalid argument|not supported/i;
/** What the package says where a system cannot tell a port's rate: then it is taken for what was asked. */
const NO_RATE = /not implemented/i;
/** Wakes a reader, who then finds that the port is gone; never handed out. */
const WAKE = Uint8Array.of(0);

/** Modem flags as the system means them: a raised flag drives its TTL pin low. */
export interface ModemFlags {
  readonly dtr: boolean;
  readonly rts: boolean;
}

/** Flags that are left out go back to their defaults. */
type SetOptions = ModemFlags & { readonly lowLatency: true; readonly brk?: boolean };

/** What the system does by itself as it opens a port. */
const RAISED: ModemFlags = { dtr: true, rts: true };

/** A wire that also has modem lines. */
export interface SerialWire extends Wire {
  /** Sets both flags in one call. @throws HarnessError LINES_NOT_DRIVEN on a port that has none; PORT_LOST. */
  setFlags(flags: ModemFlags, deadline: Deadline): Promise<void>;
  /**
   * Holds TX low by a break, or lets it idle high again. A port that can do neither is left as it is: a pseudo-terminal, whose
   * far side is no module. Both modem flags are raised, as they are in a port that was opened without.
   *
   * @throws HarnessError PORT_LOST.
   */
  holdTx(held: boolean, deadline: Deadline): Promise<void>;
}

export interface SerialSettings {
  /** Device of the port. */
  readonly path: string;
  readonly baud: number;
  /** Set before all else, and binding. Without them both stay raised, and a port that has none will do. */
  readonly flags?: ModemFlags;
}

/**
 * Opens a serial port for us alone. Native code is loaded here and not before. The system drops what came before; from
 * then on nothing is lost.
 *
 * @throws HarnessError PORT_UNAVAILABLE; RATE_REFUSED; LINES_NOT_DRIVEN when `flags` are asked of a port that has none.
 */
export async function openSerial(
  { path, baud, flags }: SerialSettings,
  deadline: Deadline,
  makePort?: MakePort,
): Promise<SerialWire> {
  const make = makePort ?? (await nativePorts());
  deadline.signal.throwIfAborted();
  await using undo = new Cleanup();
  const wire = undo.use(new PortWire(make({ path, baudRate: baud, autoOpen: false, lock: true, hupcl: false })));
  await wire.open(flags, deadline);
  undo.move();
  return wire;
}

async function nativePorts(): Promise<MakePort> {
  // Its index also loads the parsers of a dozen protocols, none of which is used here: 20 ms.
  const { SerialPort } = await import("serialport/dist/serialport.js");
  const binding = atOnce(SerialPort.binding);
  return (options) => new SerialPort(Object.assign({ binding }, options));
}

class PortWire implements SerialWire {
  readonly #stream: PortStream;
  readonly #port: Port;
  readonly #inbox = new Inbox();
  #baud: number;

  /** The one data listener stays from before the opening to the end: a stream that has lost its last one loses bytes. */
  constructor(stream: PortStream) {
    this.#stream = stream;
    this.#baud = stream.baudRate;
    this.#port = new Port(stream, () => this.#inbox.push(WAKE));
    stream.on("data", (bytes: Buffer) => this.#inbox.push(bytes));
  }

  get baud(): number {
    return this.#baud;
  }

  async open(flags: ModemFlags | undefined, deadline: Deadline): Promise<void> {
    await this.#port.open(deadline);
    this.#port.hear((bytes) => this.#inbox.push(bytes));
    await (flags === undefined
      ? this.#setWhereItCan({ ...RAISED, lowLatency: true }, deadline)
      : this.setFlags(flags, deadline));
    await this.#checkRate(this.#baud, deadline);
  }

  /** What an adapter holds in buffers of its own, few tell: the last byte may leave a moment later. */
  async write(bytes: Uint8Array, deadline: Deadline, answered = false): Promise<void> {
    const written = this.#port.writeNow(bytes, deadline);
    if (written < bytes.length) {
      const rest = Buffer.from(bytes.subarray(written));
      await this.#port.run((done) => this.#stream.write(rest, done), deadline);
    }
    if (answered && (bytes.length * MS_BITS) / this.#baud <= UNDRAINED_MS) return;
    await this.#port.run((done) => this.#stream.drain(done), deadline);
  }

  async read(deadline: Deadline): Promise<Uint8Array> {
    this.#port.refuseIfGone();
    const bytes = await this.#inbox.take(deadline);
    this.#port.refuseIfGone();
    return bytes;
  }

  arrived(): Uint8Array {
    this.#port.refuseIfGone();
    return this.#inbox.arrived();
  }

  async setBaud(baud: number, deadline: Deadline): Promise<void> {
    const refused = (cause: unknown) => this.#refused(baud, `the system said: ${messageOf(cause)}`, cause);
    await this.#port.run((done) => this.#stream.update({ baudRate: baud }, done), deadline, refused);
    await this.#checkRate(baud, deadline);
    this.drop();
  }

  /** On a port that is gone, the reader's wake-up stays. */
  drop(): void {
    if (!this.#port.gone) this.#inbox.drop();
  }

  /** Flags that are left out go back to their defaults, and so does low latency: an FTDI then holds bytes for 16 ms. */
  async setFlags({ dtr, rts }: ModemFlags, deadline: Deadline): Promise<void> {
    await this.#set({ dtr, rts, lowLatency: true }, deadline);
  }

  holdTx(held: boolean, deadline: Deadline): Promise<void> {
    return this.#setWhereItCan({ ...RAISED, lowLatency: true, brk: held }, deadline);
  }

  async #set(flags: SetOptions, deadline: Deadline): Promise<void> {
    await this.#port.run(
      (done) => this.#stream.set(flags, done),
      deadline,
      (cause) => this.#noLines(cause),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#port[Symbol.asyncDispose]();
  }

  /** Low latency moves no line: both flags are raised already. */
  async #setWhereItCan(flags: SetOptions, deadline: Deadline): Promise<void> {
    try {
      await this.#set(flags, deadline);
    } catch (error) {
      if (!(error instanceof HarnessError) || error.code !== "LINES_NOT_DRIVEN") throw error;
    }
  }

  /** A UART that cannot do a rate takes another one without a word, so the system is asked which. */
  async #checkRate(baud: number, deadline: Deadline): Promise<void> {
    const binding = this.#stream.port;
    let given = baud;
    const ask = (done: Done) =>
      void binding?.getBaudRate().then(
        ({ baudRate }) => {
          given = baudRate;
          done();
        },
        (error) => done(NO_RATE.test(messageOf(error)) ? undefined : error),
      );
    await this.#port.run(ask, deadline);
    const near = Math.abs(given - baud) <= RATE_TOLERANCE * baud;
    this.#baud = near ? baud : given;
    if (!near) throw this.#refused(baud, `the UART gave ${given} Bd`);
  }

  #noLines(cause: unknown): HarnessError {
    const text = messageOf(cause);
    if (!NO_LINES.test(text)) return this.#port.lost(cause);
    return new HarnessError("LINES_NOT_DRIVEN", `${this.#port.path}: this port cannot set DTR and RTS: ${text}`, {
      cause,
      advice: "Use an adapter that has DTR and RTS, or another line driver in the rig file.",
    });
  }

  #refused(asked: number, why: string, cause?: unknown): HarnessError {
    const details = { path: this.#port.path, asked, given: this.#baud };
    return new HarnessError("RATE_REFUSED", `${this.#port.path}: expected ${asked} Bd; ${why}`, { cause, details });
  }
}
