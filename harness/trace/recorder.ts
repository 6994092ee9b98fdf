import type { Clock } from "../base/time.js";
import { TraceFile } from "./file.js";
import { type End, lineOf, type Mark, TRACE_VERSION, type TraceHeader, type TraceRecord } from "./record.js";

type Untimed = TraceRecord extends infer R ? (R extends TraceRecord ? Omit<R, "ns"> : never) : never;

/** Writes what happens down as it happens. Nothing here throws once it is made. */
export class Recorder implements Disposable {
  readonly #file: TraceFile;
  readonly #clock: Clock;
  #lastNs = 0;
  #baud: number | undefined;

  /**
   * @param clock the rig's.
   * @param lost is told once, if the trace ends before it is closed: why.
   * @throws HarnessError FILE_UNWRITABLE.
   */
  constructor(
    path: string,
    header: Omit<TraceHeader, "type" | "version">,
    clock: Clock,
    lost: (why: string) => void = () => undefined,
  ) {
    this.#file = new TraceFile(path, lost);
    this.#clock = clock;
    this.#file.add(lineOf({ type: "trace", version: TRACE_VERSION, ...header }));
    this.#file.flush();
  }

  get path(): string {
    return this.#file.path;
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
    this.#file.flush();
  }

  [Symbol.dispose](): void {
    this.mark({ type: "closed" });
    this.#file[Symbol.dispose]();
  }

  #add(record: Untimed): void {
    this.#lastNs = Math.max(this.#lastNs, Math.round(this.#clock.now() * 1_000_000));
    this.#file.add(lineOf({ ns: this.#lastNs, ...record } as TraceRecord));
  }
}
