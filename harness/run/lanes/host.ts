import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { SystemClock } from "../../base/time.js";
import { decodeReport, encode, Lines, type Order, type Report } from "./messages.js";

/** Longest line of a lane: its texts are cut far below that. */
const LINE_CHARS = 8 * 1024 * 1024;

/** How a lane ended. */
export interface LaneEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last of what it wrote to its standard error by itself: what node says when it dies. */
  readonly lastWords: string;
}

const LAST_WORDS_CHARS = 2000;

/**
 * After the end of the process its last reports are read for so long, in ms. They are in the pipe already; somebody
 * whom a scenario started may hold it open for ever.
 */
const READ_MS = 1000;

/** File descriptors of a lane beside its standard ones: reports, orders, and the end of ours. */
const [REPORTS, ORDERS, LIFELINE] = [3, 4, 5] as const;

/**
 * A lane process as the dispatcher has it. It leads a session and a process group of its own: a signal of the terminal
 * does not reach it, and what a scenario starts ends with it.
 */
export class LaneHost {
  readonly #child: ChildProcess;
  readonly #token = randomBytes(16).toString("hex");
  readonly #hear: (report: Report) => void;
  readonly #log: (text: string) => void;
  readonly ended: Promise<LaneEnd>;
  #lastWords = "";
  #isOver = false;
  /** It wrote something that is no report. */
  garbled = false;

  /**
   * @param setup what the program wants to know before anything else: one JSON value.
   * @param hear gets the reports, in order.
   * @param log gets what the process and its children write by themselves.
   */
  constructor(program: string, setup: unknown, hear: (report: Report) => void, log: (text: string) => void) {
    this.#hear = hear;
    this.#log = log;
    this.#child = spawn(process.execPath, [program], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
    });
    this.#listen();
    this.ended = new Promise((done) => {
      const end = (code: number | null, signal: NodeJS.Signals | null) => {
        this.#isOver = true;
        this.#endGroup();
        // Somebody may hold the other ends, and our process would wait for them.
        for (const pipe of this.#child.stdio) pipe?.destroy();
        done({ code, signal, lastWords: this.#lastWords });
      };
      this.#child.once("error", (error) => {
        this.#lastWords += String(error);
        end(null, null);
      });
      const read = new AbortController();
      this.#child.once("exit", (code, signal) => {
        this.#endGroup();
        const over = () => end(code, signal);
        new SystemClock().sleep(READ_MS, read.signal).then(over, over);
      });
      this.#child.once("close", () => read.abort());
    });
    this.#orders.write(`${JSON.stringify({ token: this.#token, setup })}\n`);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  order(order: Order): void {
    if (!this.#isOver) this.#orders.write(encode(this.#token, order));
  }

  /** At once, with all that it started. Its watchdog is not of its group, and makes the lines safe. */
  kill(): void {
    this.#child.kill("SIGKILL");
    this.#endGroup();
  }

  get #orders(): Writable {
    return this.#child.stdio[ORDERS] as Writable;
  }

  #endGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // Nobody is left in it.
    }
  }

  #listen(): void {
    const lines = new Lines(LINE_CHARS);
    const decoder = new StringDecoder("utf8");
    const pipes: readonly (Readable | Writable | null | undefined)[] = this.#child.stdio;
    for (const pipe of [pipes[ORDERS], pipes[LIFELINE]]) pipe?.on("error", () => undefined);
    this.#child.stdio[REPORTS]
      ?.on("error", () => undefined)
      .on("data", (bytes: Buffer) => {
        const whole = lines.add(decoder.write(bytes));
        if (whole === undefined) this.#garble();
        for (const line of whole ?? []) this.#read(line);
      });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("error", () => undefined);
      stream?.on("data", (text: string) => {
        if (stream === this.#child.stderr) this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS_CHARS);
        this.#log(text);
      });
    }
  }

  #read(line: string): void {
    if (this.garbled) return;
    const report = decodeReport(this.#token, line);
    if (report === undefined) this.#garble();
    else this.#hear(report);
  }

  /** Nothing that comes after it can be believed. */
  #garble(): void {
    this.garbled = true;
    this.kill();
  }
}
