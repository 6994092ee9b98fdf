import { createConnection, type Socket } from "node:net";
import { HarnessError } from "../../harness/base/errors.js";
import type { SpiPort } from "../../harness/base/spi.js";
import type { Deadline } from "../../harness/base/time.js";
import type { ReadyInput } from "../../harness/base/wire.js";
import { messageOf } from "../serial/port-trouble.js";
import { failed } from "./trouble.js";

/** A transfer is answered at once, or whoever should answer has stopped. */
const ANSWER_MS = 2000;
const LONGEST_BYTES = 8192;
/** No line is longer than the answer to the longest transfer. */
const LINE_CHARS = 2 * LONGEST_BYTES + 100;
const SHOWN_CHARS = 100;

/** The host interface of a simulated module in another process. */
export interface SpiSocket extends AsyncDisposable {
  readonly spi: SpiPort;
  readonly ready: ReadyInput;
}

/**
 * Connects to `sim --spi`, which says first whether SPI_RDY is asserted.
 *
 * @throws HarnessError SPI_FAILED when nobody listens there, or says something else; the deadline's error.
 */
export async function openSpiSocket(path: string, deadline: Deadline): Promise<SpiSocket> {
  const client = new Client(createConnection(path), path);
  try {
    await deadline.within(ANSWER_MS, `${path}: its first word`, "SPI_FAILED").race(client.greeted);
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
  return {
    spi: client,
    ready: { read: async () => client.isReady },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

interface Transfer {
  readonly bytes: number;
  answer(miso: Uint8Array): void;
  fail(error: HarnessError): void;
}

class Client implements SpiPort, AsyncDisposable {
  readonly #socket: Socket;
  readonly #path: string;
  /** In the order of their answers, those included for which nobody waits any more. */
  readonly #transfers: Transfer[] = [];
  readonly greeted: Promise<void>;
  #greet: (error?: HarnessError) => void = () => undefined;
  #isReady = false;
  #gone: HarnessError | undefined;
  #held = "";

  constructor(socket: Socket, path: string) {
    this.#socket = socket;
    this.#path = path;
    this.greeted = new Promise((resolve, reject) => {
      this.#greet = (error) => (error === undefined ? resolve() : reject(error));
    });
    socket.setEncoding("latin1").on("data", (text) => this.#hear(String(text)));
    socket.on("error", (cause) => this.#end(messageOf(cause), cause));
    socket.on("close", () => this.#end("the connection was closed"));
  }

  /** @throws HarnessError SPI_FAILED when the module is gone. */
  get isReady(): boolean {
    this.#refuseIfGone();
    return this.#isReady;
  }

  /** Nothing answers it. */
  async select(selected: boolean, deadline: Deadline): Promise<void> {
    deadline.signal.throwIfAborted();
    this.#refuseIfGone();
    this.#socket.write(`cs ${selected ? 1 : 0}\n`);
  }

  async transfer(mosi: Uint8Array, deadline: Deadline): Promise<Uint8Array> {
    const bytes = mosi.length;
    if (bytes < 1 || bytes > LONGEST_BYTES) {
      const wanted = `a transfer of 1 to ${LONGEST_BYTES} bytes`;
      throw new HarnessError("INTERNAL", `${this.#path}: expected ${wanted}, got ${bytes}`);
    }
    deadline.signal.throwIfAborted();
    this.#refuseIfGone();
    const answered = new Promise<Uint8Array>((answer, fail) => this.#transfers.push({ bytes, answer, fail }));
    this.#socket.write(`xfer ${Buffer.from(mosi).toString("hex")}\n`);
    return deadline.within(ANSWER_MS, `${this.#path}: a transfer of ${bytes} bytes`, "SPI_FAILED").race(answered);
  }

  /** The module is let go of, as far as anybody still listens. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#gone !== undefined) return;
    this.#socket.write("cs 0\n");
    this.#end("it was used after it was closed");
  }

  #refuseIfGone(): void {
    if (this.#gone !== undefined) throw this.#gone;
  }

  #hear(text: string): void {
    const lines = (this.#held + text).split("\n");
    this.#held = lines.pop() ?? "";
    for (const line of lines) if (this.#gone === undefined) this.#take(line);
    if (this.#held.length > LINE_CHARS) this.#end(`it sent more than ${LINE_CHARS} characters without an end of line`);
  }

  #take(line: string): void {
    const [word = "", rest = ""] = split(line);
    if (word === "ready" && /^[01]$/.test(rest)) {
      this.#isReady = rest === "1";
      this.#greet();
    } else if (word === "xfer" && this.#transfers.length > 0) this.#answer(rest, line);
    else this.#end(word === "error" ? `it said: ${shown(line)}` : `expected ready 0 or ready 1; got ${shown(line)}`);
  }

  #answer(digits: string, line: string): void {
    const bytes = this.#transfers[0]?.bytes ?? 0;
    const isAnswer = digits.length === 2 * bytes && /^[0-9a-fA-F]*$/.test(digits);
    if (isAnswer) this.#transfers.shift()?.answer(Uint8Array.from(Buffer.from(digits, "hex")));
    else this.#end(`expected xfer with ${bytes} bytes in hex digits; got ${shown(line)}`);
  }

  /** What was said out of turn cannot be put in order again. */
  #end(why: string, cause?: unknown): void {
    if (this.#gone !== undefined) return;
    this.#gone = failed(`${this.#path}: nobody is at the other end of this SPI: ${why}`, cause, START);
    this.#greet(this.#gone);
    for (const transfer of this.#transfers.splice(0)) transfer.fail(this.#gone);
    this.#socket.destroySoon();
    this.#socket.unref();
  }
}

const START =
  "Start `st67-hil sim` with this path as --spi, one client at a time, or correct spi.path in the rig file.";

const split = (line: string): string[] => {
  const at = line.indexOf(" ");
  return at < 0 ? [line] : [line.slice(0, at), line.slice(at + 1)];
};

const shown = (line: string): string =>
  JSON.stringify(line.length > SHOWN_CHARS ? `${line.slice(0, SHOWN_CHARS)}…` : line);
