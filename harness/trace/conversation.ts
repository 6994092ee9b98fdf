import type { Line } from "../base/wire.js";
import { decodeFrame, decodeRequest } from "../protocol/frames.js";
import { answerIn, greetingIn } from "./answer.js";
import type { Exchange } from "./exchanges.js";
import { HostBytes, type Part } from "./host-bytes.js";
import { Marks } from "./marks.js";
import type { TraceRecord } from "./record.js";

/** The vendor's, and ours, until a trace says another one. */
const FIRST_BAUD = 500_000;
/** Bursts that follow each other as closely are one: boot2 is greeted with one each millisecond. */
const SAME_BURST_NS = 50_000_000;

type Begun =
  | Part
  | { readonly kind: "boot"; readonly ns: number; readonly start: "rom" | "application" }
  | { readonly kind: "heard"; readonly ns: number };

interface Open {
  readonly begun: Begun;
  readonly baud: number;
  readonly stage: string | undefined;
  readonly sent: Uint8Array[];
  readonly received: { readonly ns: number; readonly bytes: Uint8Array }[];
  readonly index: number;
  sentNs: number;
  /** When something else happened since anything of it was last heard: it was given up by then. */
  overNs?: number | undefined;
}

/** The conversation of a trace: what the host asked, and what came of it, in the order in which it was begun. */
export const exchangesOf = (records: Iterable<TraceRecord>): Exchange[] =>
  placedExchanges(records).map(({ exchange }) => exchange);

interface Placed {
  readonly exchange: Exchange;
  /** Of the record with which it began. */
  readonly index: number;
}

/** The same, each with its place among the records. */
export function placedExchanges(records: Iterable<TraceRecord>): Placed[] {
  const walk = new Walk();
  for (const record of records) walk.hear(record);
  return walk.end();
}

/** Whether an exchange without an answer was given up by then. BOOT may be released in its middle. */
const ends = (record: TraceRecord): boolean =>
  record.type !== "bytes" && !(record.type === "line" && record.line === "boot" && !record.asserted);

class Walk {
  readonly #found: Placed[] = [];
  #index = -1;
  readonly #host = new HostBytes();
  readonly #marks = new Marks();
  readonly #levels = new Map<Line, boolean>();
  #startNs: number | undefined;
  #lastNs = 0;
  #baud = FIRST_BAUD;
  #open: Open | undefined;

  hear(record: TraceRecord): void {
    const { ns } = record;
    this.#index++;
    this.#startNs ??= ns;
    this.#lastNs = ns;
    if (ends(record) && this.#open !== undefined) this.#open.overNs ??= ns;
    switch (record.type) {
      case "bytes":
        if (record.from === "host") for (const part of this.#host.add(ns, record.data)) this.#ask(part);
        else this.#answer(ns, record.data);
        break;
      case "line":
        this.#drive(record);
        break;
      case "baud":
        this.#settle(ns);
        this.#baud = record.baud;
        break;
      case "begin":
      case "end":
        this.#marks.hear(record);
        break;
      default:
    }
  }

  end(): Placed[] {
    this.#settle(this.#lastNs);
    return this.#found;
  }

  #ask(part: Part): void {
    const open = this.#open;
    const follows = part.kind === "burst" && open?.begun.kind === "burst" && part.ns - open.sentNs <= SAME_BURST_NS;
    if (follows && open.received.length === 0) {
      open.sent.push(part.bytes);
      open.sentNs = part.ns;
      open.overNs = undefined;
      return;
    }
    this.#close(part.ns);
    this.#begin(part).sent.push(part.bytes);
  }

  #answer(ns: number, bytes: Uint8Array): void {
    for (const part of this.#host.cut()) this.#ask(part);
    const open = this.#open ?? this.#begin({ kind: "heard", ns });
    open.received.push({ ns, bytes });
    open.overNs = undefined;
  }

  /** BOOT counts at the moment at which CHIP_EN rises, and at no other. */
  #drive({ ns, line, asserted }: Extract<TraceRecord, { type: "line" }>): void {
    const before = this.#levels.get(line);
    this.#levels.set(line, asserted);
    if (line === "boot" || before === asserted) return;
    this.#settle(ns);
    if (line === "chipEn" && asserted)
      this.#begin({ kind: "boot", ns, start: this.#levels.get("boot") === true ? "rom" : "application" });
  }

  #begin(begun: Begun): Open {
    this.#open = {
      ...{ begun, baud: this.#baud, stage: this.#marks.innermost?.name },
      ...{ sent: [], received: [], sentNs: begun.ns, index: this.#index },
    };
    return this.#open;
  }

  /** What the host has begun to send is all that comes of it. */
  #settle(ns: number): void {
    for (const part of this.#host.cut()) this.#ask(part);
    this.#close(ns);
  }

  #close(ns: number): void {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined)
      this.#found.push({ exchange: exchangeOf(open, open.overNs ?? ns, this.#startNs ?? 0), index: open.index });
  }
}

function exchangeOf({ begun, baud, stage, sent, received }: Open, endNs: number, startNs: number): Exchange {
  const came = Buffer.concat(received.map(({ bytes }) => bytes));
  /** When so many bytes of it had come; when it was over, where none has. */
  const durationTo = (bytes: number): number => {
    let sum = 0;
    const last = received.find((each) => {
      sum += each.bytes.length;
      return sum >= bytes;
    });
    return ((last?.ns ?? endNs) - begun.ns) / 1e6;
  };
  const common = {
    ...{ atMs: (begun.ns - startNs) / 1e6, durationMs: durationTo(came.length), baud, stage },
    ...{ sent: Buffer.concat(sent), received: came },
  };
  switch (begun.kind) {
    case "burst":
      return { kind: "burst", ...common, answer: greetingIn(came) };
    case "boot":
      return { kind: "boot", ...common, start: begun.start, text: came.toString("latin1") };
    case "command": {
      const { name } = begun;
      const payload = decodeFrame(begun.bytes)?.frame.payload ?? new Uint8Array();
      const { answer, pendings, used } = answerIn(name, came);
      const isOver = answer.kind === "ok" || answer.kind === "refused" || answer.kind === "malformed";
      const durationMs = isOver ? durationTo(used) : (endNs - begun.ns) / 1e6;
      const values = decodeRequest(name, payload) as Readonly<Record<string, number | Uint8Array>> | undefined;
      return { kind: "command", ...common, durationMs, name, values, answer, pendings, behind: came.subarray(used) };
    }
    default:
      return { kind: begun.kind, ...common };
  }
}
