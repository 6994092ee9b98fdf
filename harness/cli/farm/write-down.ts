import { constants } from "node:os";
import type { Redis } from "ioredis";
import { asHarnessError, HarnessError } from "../../base/errors.js";
import type { Fact } from "../../base/events.js";
import { SystemClock } from "../../base/time.js";
import { RedisBlobs } from "../../farm/blobs.js";
import { Book } from "../../farm/book.js";
import { Clerk } from "../../farm/clerk.js";
import type { Owner } from "../../farm/hold.js";
import { readJournalFile } from "../../farm/journal-file.js";
import type { Order } from "../../farm/messages.js";
import { orAborted } from "../../farm/or-aborted.js";
import { Queues } from "../../farm/queues.js";
import { ReplacedError } from "../../farm/tenure.js";
import { asUnusable } from "../../farm/trouble.js";
import type { Place } from "../run/outputs.js";
import { pointLatest } from "../run/outputs.js";
import type { Past } from "../run/past.js";
import { Record } from "../run/record.js";
import { reported, type Telling } from "../run/reported.js";
import type { Interrupt } from "../terminal/interrupt.js";
import { colors, tell } from "../terminal/output.js";
import { progressOf } from "../terminal/progress.js";
import { Received } from "./received.js";

/** How a run of the farm is written down. */
export interface Desk {
  readonly client: Redis;
  readonly self: Owner;
  readonly order: Order;
  readonly simulated: boolean;
  /** Milliseconds. */
  readonly leaseMs: number;
  readonly patienceMs: number;
}

/** Exit code of a process whose terminal went away: nobody wanted the run to end. */
const HUNG_UP = 128 + constants.signals.SIGHUP;
/** The run is left to another clerk within so long, in ms. */
const LEAVE_MS = 5000;
/** After a first signal agents have so long to end what is under way, beyond their lease, in ms. */
const LAST_MS = 30_000;

/**
 * Hands the run's jobs out and writes down what becomes of them, until it has ended; then its reports. What stands in its folder
 * already is the beginning of the same story.
 *
 * @returns the exit code.
 */
export async function writeDown(
  { client, self, order, simulated, leaseMs, patienceMs }: Desk,
  telling: Telling,
  place: Place,
  past: Past,
  interrupt: Interrupt,
): Promise<number> {
  const { folder } = place;
  using progress = await progressOf([]);
  using record = new Record();
  const before = beginningIn(folder);
  record.begin(folder, { json: telling.json, simulated }, interrupt, progress, before);
  pointLatest(place);
  const warnings: string[] = [];
  const received = new Received(folder, new RedisBlobs(client), (message) => void warnings.push(message));
  let [known, lastMs] = [before?.events.length ?? 0, 0];
  const emit = (fact: Fact, atMs: number) => {
    lastMs = Math.max(lastMs, atMs);
    if (known-- > 0) return;
    record.emit(fact, atMs);
  };
  const book = new Book(order, emit, (file) => received.take(file));
  await using queues = new Queues(client, leaseMs);
  const { signal } = interrupt;
  const [off, left] = [new AbortController(), new AbortController()];
  const stop = () => (interrupt.exitCode === HUNG_UP ? left : off).abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  const clerk = new Clerk({
    ...{ client, queues, self, order, book, leaseMs, patienceMs, signal: off.signal, left: left.signal },
    clock: new SystemClock(),
    tell: (text) => tell(text, colors.yellow),
  });
  const endMs = () => (left.signal.aborted ? LEAVE_MS : leaseMs + LAST_MS);
  await untilOver(clerk.work(), signal, endMs).catch((error: unknown) => {
    if (error instanceof ReplacedError) throw error;
    // What is known by now is told all the same.
    if (!signal.aborted) interrupt.callOff(asHarnessError(asUnusable(error)));
  });
  if (left.signal.aborted && !book.isOver)
    tell(`the run goes on: \`st67-hil farm attach ${order.runId}\` writes down the rest`);
  await received.all(signal.aborted);
  for (const message of warnings) record.emit({ type: "run.warned", message }, lastMs);
  if (!book.isOver) record.emit({ type: "run.ended", interrupted: true }, lastMs);
  return await reported(telling, place, record, interrupt, past);
}

/**
 * What the folder holds of the run's stream. What its writer has said of itself at the end, files that did not come or that it
 * was ended, is in no stream, and would be counted for what is: it is said anew.
 */
function beginningIn(folder: string) {
  const there = readJournalFile(folder)?.events;
  if (there === undefined) return undefined;
  const last = there.findLastIndex(({ event: { type } }) => type !== "run.warned" && type !== "run.ended");
  const kept = there.slice(0, last + 1);
  return { from: { seq: kept.length, bytes: kept.at(-1)?.end ?? 0 }, events: kept.map(({ event }) => event) };
}

/** Once a signal has come it has so long. */
async function untilOver(work: Promise<void>, signal: AbortSignal, ms: () => number): Promise<void> {
  const over = new AbortController();
  const late = orAborted(work, signal).catch(async (error: unknown) => {
    if (!signal.aborted) throw error;
    await new SystemClock().sleep(ms(), over.signal);
    throw new HarnessError("AGENT_LOST", "agents did not end what was under way in time");
  });
  try {
    await Promise.race([work, late]);
  } finally {
    over.abort();
    late.catch(() => undefined);
  }
}

/** Hands out all that there is, and writes nothing down: `farm attach` does. */
export async function handOut({ client, self, order, leaseMs, patienceMs }: Desk): Promise<void> {
  await using queues = new Queues(client, leaseMs);
  const book = new Book(
    order,
    () => undefined,
    () => undefined,
  );
  const parts = { client, queues, self, order, book, leaseMs, patienceMs, clock: new SystemClock() };
  const { signal } = new AbortController();
  await new Clerk({ ...parts, signal, left: signal, tell }).handOut();
}
