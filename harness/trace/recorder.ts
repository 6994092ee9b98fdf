import type { Clock } from "../base/time.js";
import { TraceFile } from "./file.js";
import { type End, lineOf, type Mark, TRACE_VERSION, type TraceHeader, type TraceRecord } from "./record.js";

type Untimed = TraceRecord extends infer R ? (R extends TraceRecord ? Omit<R, "ns"> : never) : never;

/** So much of what went over the wire is kept in memory: several flashes of the largest firmware. */
const KEPT_BYTES = 16 * 1024 * 1024;

/** Writes what happens down as it happens, and keeps the last of it. Nothing here throws once it is made. */
export class Recorder implements Disposable {
  readonly #file: TraceFile | undefined;
  readonly #clock: Clock;
  #kept: TraceRecord[] = [];
  #keptBytes = 0;
  #lastNs = 0;
  #baud: number | undefined;

  /**
   * @param path of the file; `undefined`: it is kept in memory alone.
   * @param clock the rig's.
   * @param lost is told once, if the trace ends before it is closed: why.
   * @throws HarnessError FILE_UNWRITABLE.
   */
  constructor(
    path: string | undefined,
    header: Omit<TraceHeader, "type" | "version">,
    clock: Clock,
    lost: (why: string) => void = () => undefined,
  ) {
    this.#clock = clock;
    if (path === undefined) return;
    this.#file = new TraceFile(path, lost);
    this.#file.add(lineOf({ type: "trace", version: TRACE_VERSION, ...header }));
    this.#file.flush();
  }

  /** Of its file, where there is one. */
  get path(): string | undefined {
    return this.#file?.path;
  }

  /** What was recorded last: all of it, but for what is very long. */
  get recent(): readonly TraceRecord[] {
    return this.#kept;
  }

  bytes(from: End, data: Uint8Array): void {
    if (data.length > 0) this.#add({ type: "bytes", from, data });
  }

  /** Nothing is written where the rate is what it was. */
  baud(baud: number): void {
    if (baud !== this.#baud) this.mark({ type: "baud", baud });
    this.#baud = baud;
  }

  begin(what: Mark, name: string): void {
    this.mark({ type: "begin", what, name });
  }

  end(what: Mark, name: string): void {
    this.mark({ type: "end", what, name });
  }

  /** All but bytes: it is in the file at once, and so is what was added before. */
  mark(record: Exclude<Untimed, { type: "bytes" }>): void {
    this.#add(record);
    this.flush();
  }

  /** All that was recorded is in the file then. */
  flush(): void {
    this.#file?.flush();
  }

  [Symbol.dispose](): void {
    this.mark({ type: "closed" });
    this.#file?.[Symbol.dispose]();
  }

  #add(untimed: Untimed): void {
    this.#lastNs = Math.max(this.#lastNs, Math.round(this.#clock.now() * 1_000_000));
    const record = { ns: this.#lastNs, ...untimed } as TraceRecord;
    this.#keep(record);
    this.#file?.add(lineOf(record));
  }

  #keep(record: TraceRecord): void {
    this.#kept.push(record);
    this.#keptBytes += record.type === "bytes" ? record.data.length : 0;
    if (this.#keptBytes < KEPT_BYTES) return;
    this.#kept = this.#kept.slice(this.#kept.length >> 1);
    this.#keptBytes = this.#kept.reduce((sum, one) => sum + (one.type === "bytes" ? one.data.length : 0), 0);
  }
}
