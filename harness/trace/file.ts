import { closeSync, constants, openSync, writeSync } from "node:fs";
import { reasonOf, unwritable } from "../base/unwritable.js";
import { type Target, targetOf } from "../base/write-target.js";

/** A line that babbles at 2 MBd for a quarter of an hour: no disk is to be filled by one trace. */
export const MOST_BYTES = 256 * 1024 * 1024;
/** So much is written at once: a flash of T01 is 20 writes. */
const PIECE_CHARS = 64 * 1024;

const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;

/**
 * A file of lines that grows as things happen. What was added is in it once the process has ended, by whatever error or
 * exit; a process that is killed loses at most the last 64 KiB, and none of what was added before the last `flush`.
 * A disk that takes no more ends the file, and nothing else.
 */
export class TraceFile implements Disposable {
  readonly path: string;
  readonly #lost: (why: string) => void;
  readonly #atExit = () => this.flush();
  readonly #most: number;
  #file: number | undefined;
  #waiting: string[] = [];
  #chars = 0;
  #written = 0;

  /**
   * Begins it anew, over whatever is there.
   *
   * @param lost is told once, if it ends before it is closed: why.
   * @throws HarnessError FILE_UNWRITABLE.
   */
  constructor(path: string, lost: (why: string) => void, mostBytes = MOST_BYTES) {
    this.path = path;
    this.#lost = lost;
    this.#most = mostBytes;
    try {
      this.#file = open(targetOf(path));
    } catch (cause) {
      throw unwritable(path, cause);
    }
    process.on("exit", this.#atExit);
  }

  /** ASCII, but for names: their length is near enough. */
  add(line: string): void {
    if (this.#file === undefined) return;
    this.#waiting.push(line);
    this.#chars += line.length;
    if (this.#chars >= PIECE_CHARS) this.flush();
    if (this.#written > this.#most) this.#end(`it has ${this.#written} bytes`);
  }

  /** Hands all that was added to the system. */
  flush(): void {
    if (this.#file === undefined || this.#waiting.length === 0) return;
    const bytes = Buffer.from(this.#waiting.join(""));
    this.#waiting = [];
    this.#chars = 0;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
      this.#written += bytes.length;
    } catch (cause) {
      this.#end(reasonOf(cause));
    }
  }

  [Symbol.dispose](): void {
    this.flush();
    this.#close();
  }

  #end(why: string): void {
    this.#close();
    this.#lost(`${this.path}: the trace ends here: ${why}`);
  }

  #close(): void {
    process.off("exit", this.#atExit);
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) closeSync(file);
  }
}

function open(target: Target): number {
  if (target.kind === "stream") throw new Error("it is this command's own output");
  return target.kind === "device"
    ? openSync(target.path, O_WRONLY | O_NONBLOCK | O_NOCTTY)
    : openSync(target.path, "w");
}
