import { closeSync, fstatSync, readSync } from "node:fs";
import { z } from "zod";
import { HarnessError } from "../harness/base/errors.js";
import type { Fact, RunEvent } from "../harness/base/events.js";
import { FACTS } from "../harness/base/fact-schema.js";
import { openPlainFile } from "../harness/base/read-file.js";

const EVENT = z.object({ type: z.string(), seq: z.int(), atMs: z.number() });

/** Where the line of an event is: bytes from `start` up to `end`, line end included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An event and its place in the journal. */
export interface Placed extends Span {
  readonly event: RunEvent;
  /** Its line has an end: nobody was cut off while writing it. */
  readonly isWhole: boolean;
}

const CHUNK_BYTES = 256 * 1024;
/** An event carries texts of some kilobytes, and the list of a run's firmwares. */
const LONGEST_LINE_BYTES = 64 * 1024 * 1024;

/**
 * The events of a run's `events.jsonl`, read piece by piece. A killed run may have half-written its last line: that one is
 * passed over. Events of a type that is not known here are kept: reporters pass over them.
 *
 * @throws HarnessError RUN_UNREADABLE with the line that is wrong.
 */
export function* readJournal(file: string): Generator<Placed> {
  let number = 0;
  for (const { text, ...line } of linesIn(file)) {
    number++;
    if (line.isWhole || isJson(text)) yield { event: eventOf(text, `${file}:${number}`), ...line };
  }
}

/** The events between two places of a journal that was read before. @throws HarnessError RUN_UNREADABLE when it is another one by now. */
export function* readAgain(file: string, spans: Iterable<Span>): Generator<RunEvent> {
  const fd = opened(file);
  try {
    for (const { start, end } of spans) {
      const bytes = Buffer.alloc(end - start);
      for (let at = 0; at < bytes.length; ) {
        const got = readSync(fd, bytes, at, bytes.length - at, start + at);
        if (got === 0) throw new HarnessError("RUN_UNREADABLE", `${file}: it has become shorter while it was read`);
        at += got;
      }
      for (const line of bytes.toString("utf8").trimEnd().split("\n")) yield parsed(line, file) as RunEvent;
    }
  } finally {
    closeSync(fd);
  }
}

/**
 * The first and the last event of a journal, without reading what lies between; `undefined` where they are cut off, or the
 * last one is a long one, as that of a run which has ended never is.
 *
 * @throws HarnessError RUN_UNREADABLE
 */
export function endsOf(file: string): { readonly first: RunEvent | undefined; readonly last: RunEvent | undefined } {
  const journal = readJournal(file);
  const { value } = journal.next();
  journal.return(undefined);
  return { first: value?.event, last: lastOf(file) };
}

const TAIL_BYTES = 4096;

function lastOf(file: string): RunEvent | undefined {
  const fd = opened(file);
  try {
    const { size } = fstatSync(fd);
    const tail = Buffer.alloc(Math.min(TAIL_BYTES, size));
    const got = readSync(fd, tail, 0, tail.length, size - tail.length);
    const lines = tail.toString("utf8", 0, got).split("\n");
    const [line, rest] = [lines.at(-2), lines.at(-1)];
    return rest === "" && line !== undefined && lines.length > 2 && isJson(line) ? eventOf(line, file) : undefined;
  } finally {
    closeSync(fd);
  }
}

interface Line extends Span {
  readonly text: string;
  readonly isWhole: boolean;
}

function* linesIn(file: string): Generator<Line> {
  const fd = opened(file);
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let rest = Buffer.alloc(0);
    let start = 0;
    for (let got = read(fd, chunk, file); got > 0; got = read(fd, chunk, file)) {
      rest = Buffer.concat([rest, chunk.subarray(0, got)]);
      for (let cut = rest.indexOf(0x0a); cut >= 0; cut = rest.indexOf(0x0a)) {
        yield { text: rest.toString("utf8", 0, cut), start, end: start + cut + 1, isWhole: true };
        rest = rest.subarray(cut + 1);
        start += cut + 1;
      }
      if (rest.length > LONGEST_LINE_BYTES)
        throw new HarnessError("RUN_UNREADABLE", `${file}: a line of more than ${LONGEST_LINE_BYTES} bytes`);
    }
    if (rest.length > 0) yield { text: rest.toString("utf8"), start, end: start + rest.length, isWhole: false };
  } finally {
    closeSync(fd);
  }
}

function opened(file: string): number {
  try {
    return openPlainFile(file, "the events of a run");
  } catch (cause) {
    throw unreadable(cause);
  }
}

function read(fd: number, chunk: Buffer, file: string): number {
  try {
    return readSync(fd, chunk);
  } catch (cause) {
    throw unreadable(new HarnessError("RUN_UNREADABLE", `${file}: ${String(cause)}`, { cause }));
  }
}

const unreadable = (cause: unknown): unknown =>
  cause instanceof HarnessError ? new HarnessError("RUN_UNREADABLE", cause.message, { cause }) : cause;

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function parsed(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new HarnessError("RUN_UNREADABLE", `${where}: expected one JSON object, found ${found(line)}`, { cause });
  }
}

function eventOf(line: string, where: string): RunEvent {
  const value = parsed(line, where);
  const event = EVENT.safeParse(value);
  if (!event.success) throw wrong(event.error, where);
  const fact = factSchema(event.data.type)?.safeParse(value);
  if (fact?.success === false) throw wrong(fact.error, where);
  return value as RunEvent;
}

const factSchema = (type: string): z.ZodType | undefined =>
  Object.hasOwn(FACTS, type) ? FACTS[type as Fact["type"]] : undefined;

function wrong(error: z.ZodError, where: string): HarnessError {
  const mistakes = error.issues.map(({ path, message }) => `${path.join(".") || "the line"}: ${message}`);
  return new HarnessError("RUN_UNREADABLE", `${where}: not an event: ${mistakes.join("; ")}`, { cause: error });
}

const SHOWN_CHARS = 60;
const found = (line: string): string =>
  line === "" ? "an empty line" : JSON.stringify(line.length > SHOWN_CHARS ? `${line.slice(0, SHOWN_CHARS)}…` : line);
