import { z } from "zod";
import { HarnessError } from "../harness/base/errors.js";
import type { Fact, RunEvent } from "../harness/base/events.js";
import { FACTS } from "../harness/base/fact-schema.js";
import { readPlainFile } from "../harness/base/read-file.js";

const EVENT = z.object({ type: z.string(), seq: z.int(), atMs: z.number() });

/**
 * The events of a run's `events.jsonl`. A killed run may have half-written its last line: that one is passed over.
 * Events of a type that is not known here are kept: reporters pass over them.
 *
 * @throws HarnessError RUN_UNREADABLE with the line that is wrong.
 */
export function readEvents(file: string): RunEvent[] {
  const lines = contentsOf(file).split("\n");
  const rest = lines.pop();
  const events = lines.map((line, index) => eventOf(line, `${file}:${index + 1}`));
  if (rest && isJson(rest)) events.push(eventOf(rest, `${file}:${lines.length + 1}`));
  return events;
}

/** A text cannot be longer than 512 MiB; the longest runs write some tens. */
const LARGEST_BYTES = 500_000_000;

function contentsOf(file: string): string {
  try {
    return readPlainFile(file, "the events of a run", LARGEST_BYTES).toString("utf8");
  } catch (cause) {
    if (!(cause instanceof HarnessError)) throw cause;
    throw new HarnessError("RUN_UNREADABLE", cause.message, { cause });
  }
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function eventOf(line: string, where: string): RunEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new HarnessError("RUN_UNREADABLE", `${where}: expected one JSON object, found ${found(line)}`, { cause });
  }
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
