import { HarnessError } from "../base/errors.js";
import { readPlainFile } from "../base/read-file.js";
import { MOST_BYTES } from "./file.js";
import { headerIn, recordIn, type TraceHeader, type TraceRecord } from "./record.js";

export interface Trace {
  readonly header: TraceHeader;
  readonly records: readonly TraceRecord[];
  /** It was not closed: whoever recorded it was killed, or had no room any more; or a part of the file is all there is. */
  readonly isCut: boolean;
}

const NEW_LINE = 0x0a;
/** A host that listens after a minute finds no more than 12 MB, in base64 16. */
const MOST_LINE_BYTES = 32 * 1024 * 1024;
/** So much of a line that is wrong is shown. */
const SHOWN_CHARS = 60;

/**
 * A trace as far as it goes: one that was cut off ends with its last whole line.
 *
 * @throws HarnessError FILE_UNREADABLE; TRACE_UNREADABLE with the line and what was expected there.
 */
export function readTrace(file: string): Trace {
  // One that reached its limit may be one record longer.
  return parseTrace(readPlainFile(file, "a trace", 2 * MOST_BYTES), file);
}

/** @param name of the file, for messages. @throws HarnessError TRACE_UNREADABLE. */
export function parseTrace(bytes: Uint8Array, name: string): Trace {
  const wrong = (line: number, what: string) =>
    new HarnessError("TRACE_UNREADABLE", `${name}: line ${line}: ${what}`, { details: { file: name, line } });
  if (bytes.length === 0) throw wrong(1, "expected the header of a trace, the file is empty");
  const records: TraceRecord[] = [];
  let header: TraceHeader | undefined;
  let lastNs = 0;
  for (const { text, number, isWhole } of linesOf(bytes)) {
    if (text === undefined) throw wrong(number, `expected a line of at most ${MOST_LINE_BYTES} bytes`);
    const value = jsonIn(text);
    if (value === undefined) {
      // A header that is cut says no more than any other first bytes.
      if (!isWhole && header !== undefined) break;
      throw wrong(number, `expected one JSON object, got ${shown(text)}`);
    }
    if (header === undefined) {
      const found = headerIn(value.json);
      if (typeof found === "string") throw wrong(number, found);
      header = found;
      continue;
    }
    const record = recordIn(value.json);
    if (typeof record === "string") throw wrong(number, `expected a record of a trace: ${record}`);
    if (record.ns < lastNs)
      throw wrong(number, `expected a time of ${lastNs} ns or later, as on the line before; got ${record.ns}`);
    lastNs = record.ns;
    records.push(record);
  }
  if (header === undefined) throw wrong(1, "expected the header of a trace, found nothing");
  return { header, records, isCut: records.at(-1)?.type !== "closed" };
}

/** Without a text: what is too long for a line. */
function* linesOf(bytes: Uint8Array): Iterable<{ text: string | undefined; number: number; isWhole: boolean }> {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0, number = 1; at < all.length; number++) {
    const found = all.indexOf(NEW_LINE, at);
    const end = found < 0 ? all.length : found;
    const text = end - at > MOST_LINE_BYTES ? undefined : all.toString("utf8", at, end);
    yield { text, number, isWhole: found >= 0 };
    at = end + 1;
  }
}

function jsonIn(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

const shown = (text: string): string =>
  text.length > SHOWN_CHARS ? `${JSON.stringify(text.slice(0, SHOWN_CHARS))}…` : JSON.stringify(text);
