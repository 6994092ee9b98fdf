import { closeSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";
import { clientBaud, openPty, type Pty } from "../../native/pty.js";
import type { HostUart } from "../line/line.js";
import type { SteadyClock } from "../time/steady-clock.js";
import type { PortLine } from "./traced.js";

/**
 * Most that waits for room in the kernel's own buffer, which takes about 20 KiB: more than four of the longest answers.
 * What comes when both are full is lost, as in the buffers of a UART's driver.
 */
const WAITING_BYTES = 20 * 1024;
/** Room is looked for again so soon. */
const RETRY_MS = 5;
/**
 * When there was none for so many times in a row, a second, nobody reads: what waits is lost, not delivered to a later
 * reader. Not sooner: on a machine with much to do the kernel itself takes over 100 ms to hand bytes to a reader who waits.
 */
const RETRIES = 200;

/** Bytes on their way to the client, and when the last of them has left the module. */
interface Outgoing {
  bytes: Uint8Array;
  readonly dueMs: number;
}

/**
 * The host's end of a module's line as a serial port that any program may open. The program's rate, read whenever bytes
 * pass, is the rate of the host's UART: it has passed all that it wrote before it changed that rate, or we cannot tell.
 */
export class PtyPort implements HostUart, AsyncDisposable {
  readonly #pty: Pty;
  readonly #clock: SteadyClock;
  readonly #stream: ReadStream;
  readonly #closed = new AbortController();
  #waiting: Outgoing[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #lost = 0;

  /**
   * @param clock real time, the module's.
   * @param plug plugs this port into the module.
   * @throws HarnessError DRIVER_MISSING where the system has no pseudo-terminals.
   */
  constructor(clock: SteadyClock, plug: (host: HostUart) => PortLine) {
    this.#clock = clock;
    this.#pty = openPty();
    this.#stream = new ReadStream(this.#pty.master);
    const line = plug(this);
    this.#stream.on("data", (bytes: Buffer) => void this.#pass(bytes, line));
  }

  /** The device for clients. */
  get path(): string {
    return this.#pty.path;
  }

  get baud(): number {
    return clientBaud(this.#pty.master);
  }

  /** Bytes of the module that nobody read in time. */
  get lost(): number {
    return this.#lost;
  }

  receive(bytes: Uint8Array): void {
    const taken = new Uint8Array(bytes.subarray(0, WAITING_BYTES - this.#waitingBytes));
    this.#lost += bytes.length - taken.length;
    this.#waitingBytes += taken.length;
    if (taken.length > 0) this.#waiting.push({ bytes: taken, dueMs: this.#clock.now() });
    this.#writing ??= Promise.resolve().then(() => this.#write());
  }

  recall(): void {
    this.#waiting = this.#waiting.filter(({ dueMs }) => this.#clock.hasReached(dueMs));
    this.#waitingBytes = this.#waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** What the client has not read by then is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#writing;
    closeSync(this.#pty.slave);
    await new Promise<void>((resolve) => this.#stream.once("close", resolve).destroy());
  }

  /** While the line is busy nothing more is read: the client's writes then wait, as at a real port. */
  async #pass(bytes: Buffer, line: PortLine): Promise<void> {
    const { signal } = this.#closed;
    this.#stream.pause();
    try {
      await line.send(bytes, (ms) => this.#clock.sleep(ms, signal));
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    this.#stream.resume();
  }

  async #write(): Promise<void> {
    let idle = 0;
    for (let next = this.#waiting[0]; next !== undefined && !this.#closed.signal.aborted; next = this.#waiting[0]) {
      await this.#clock.reach(next.dueMs);
      if (next !== this.#waiting[0]) continue;
      const written = this.#offer(next.bytes);
      this.#waitingBytes -= written;
      next.bytes = next.bytes.subarray(written);
      if (next.bytes.length === 0) this.#waiting.shift();
      idle = written > 0 ? 0 : idle + 1;
      if (idle === RETRIES) {
        this.#lost += this.#waitingBytes;
        this.#waitingBytes = 0;
        this.#waiting = [];
      } else if (idle > 0) await this.#clock.sleep(RETRY_MS);
    }
    this.#writing = undefined;
  }

  /** It never blocks; in another thread it would take longer than the bytes on the line. @returns how many there was room for. */
  #offer(bytes: Uint8Array): number {
    try {
      return writeSync(this.#pty.master, bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
      throw error;
    }
  }
}
