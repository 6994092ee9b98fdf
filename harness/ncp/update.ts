import { HarnessError } from "../base/errors.js";
import { Deadline } from "../base/time.js";
import { OTA } from "../firmware/ota.js";
import type { PartRow } from "./answers.js";
import type { At, DataAnswer } from "./at.js";
import { readFw } from "./prove.js";
import type { UpdateFile } from "./update-file.js";

/** Who is told how far an update is. */
export interface UpdateObserver {
  /** `done` of `total` bytes of the file are taken. */
  progress?(stage: string, done: number, total: number): void;
}

/** What is handed over: nothing else of a file matters to a module. */
export type Offered = Pick<UpdateFile, "name" | "bytes"> & Partial<Pick<UpdateFile, "profile">>;

export interface UpdateOptions {
  /** Behind the header, at most so many bytes are handed over at once: a multiple of 256, at most 4096. */
  readonly chunkBytes?: number;
}

/** An update that the module took, and restarted from. */
export interface Updated {
  /** FW in the partition table before. */
  readonly before: PartRow;
  /** From the OK of OTAFIN to SPI_RDY; `undefined` of mfg, which says no `ready`. */
  readonly readyMs: number | undefined;
}

/** The most that a receiver is handed at once. */
export const MOST_CHUNK_BYTES = 4096;
/** ST asks for multiples of a page. */
const CHUNK_STEP_BYTES = 256;
/** It may erase a sector or more, and writes. */
const CHUNK_MS = 5000;
/** The receiver reads its flash back and hashes it. */
const FINISH_MS = 10_000;
/** ST's driver waits as long behind an update. */
const READY_MS = 30_000;
/** To leave the receiver after a failure there is time of its own: the caller's may be up. */
const LEAVE_MS = 3000;
const STAGE = "update";

/**
 * Hands a file to the running firmware, which writes it beside itself, and lets it restart. What it then runs is for
 * `proveUpdate`. After a failure before its end the receiver is left, as far as the module still listens.
 *
 * @throws HarnessError OTA_REFUSED with the answer and how far it came; USAGE for a wrong `chunkBytes`; what `command` and
 * `waitReady` throw.
 */
export async function update(
  at: At,
  file: Offered,
  deadline: Deadline,
  observer: UpdateObserver = {},
  { chunkBytes = MOST_CHUNK_BYTES }: UpdateOptions = {},
): Promise<Updated> {
  if (!(chunkBytes >= CHUNK_STEP_BYTES && chunkBytes <= MOST_CHUNK_BYTES && chunkBytes % CHUNK_STEP_BYTES === 0))
    throw new HarnessError("USAGE", `expected chunks of 256 to 4096 bytes, a multiple of 256, got ${chunkBytes}`);
  const before = await readFw(at, deadline);
  try {
    await refusing(at, file, 0, () => begin(at, deadline));
    await sendAll(at, file, chunkBytes, deadline, observer);
    await finishUpdate(at, file, deadline);
  } catch (error) {
    await leave(at, deadline);
    throw error;
  }
  if (file.profile === "mfg") return { before, readyMs: undefined };
  const readyMs = await restarted(at, file, deadline);
  await at.command("AT", deadline);
  return { before, readyMs };
}

async function restarted(at: At, { name }: Offered, deadline: Deadline): Promise<number> {
  try {
    return (await at.waitReady(READY_MS, deadline)).ms;
  } catch (error) {
    if (!(error instanceof HarnessError) || error.code !== "BOOT_NOT_READY") throw error;
    const { code, message, details } = error;
    throw new HarnessError(code, `${message}, behind OTAFIN of ${name}`, { cause: error, details, advice: DEAD });
  }
}

const DEAD =
  "The update was taken and nothing starts: `st67-hil chip boot` reads what boot2 says of it, and a flash over the UART brings the module back.";

/** Says that all of it was sent; the module restarts behind its OK. @throws HarnessError as `update`. */
export async function finishUpdate(at: At, file: Offered, deadline: Deadline): Promise<void> {
  const { late } = await refusing(at, file, file.bytes.length, () =>
    at.command("AT+OTAFIN", deadline, { timeoutMs: FINISH_MS }),
  );
  const failed = late.find(isFailure);
  if (failed !== undefined) throw refused(at, file, file.bytes.length, failed);
}

/**
 * Hands over the front of a file, and leaves the module in the middle of it, as a host does that dies.
 *
 * @param bytes no chunk goes that ends behind so many of them.
 * @returns how many it has taken. @throws HarnessError as `update`.
 */
export async function updatePart(at: At, file: Offered, bytes: number, deadline: Deadline): Promise<number> {
  await refusing(at, file, 0, () => begin(at, deadline));
  return sendAll(at, file, MOST_CHUNK_BYTES, deadline, {}, bytes);
}

/** A receiver that somebody left open takes nothing: it is closed first, and need not be open. */
async function begin(at: At, deadline: Deadline): Promise<void> {
  await at.command("AT+OTASTART=0", deadline).catch(unlessRefused);
  await at.command("AT+OTASTART=1", deadline);
}

async function sendAll(
  at: At,
  file: Offered,
  chunkBytes: number,
  deadline: Deadline,
  observer: UpdateObserver,
  until = file.bytes.length,
): Promise<number> {
  const { bytes } = file;
  observer.progress?.(STAGE, 0, bytes.length);
  let offset = 0;
  while (offset < bytes.length) {
    const chunk = bytes.subarray(offset, offset + (offset === 0 ? OTA.payload : chunkBytes));
    if (offset + chunk.length > until) break;
    const answer = await refusing(at, file, offset, () =>
      at.data(`AT+OTASEND=${chunk.length}`, chunk, deadline, { timeoutMs: CHUNK_MS }),
    );
    const wrong = wrongIn(answer, chunk.length);
    if (wrong !== undefined) throw refused(at, file, offset, wrong);
    offset += chunk.length;
    observer.progress?.(STAGE, offset, bytes.length);
  }
  return offset;
}

/** What tells that a chunk, or the one before it, was not taken whole. */
function wrongIn({ told, late }: DataAnswer, bytes: number): string | undefined {
  const received = /^Recv (\d+) bytes/.exec(told)?.[1];
  return late.find(isFailure) ?? (received === `${bytes}` ? undefined : told);
}

const isFailure = (line: string): boolean => /^(SEND FAIL|ERROR)\b/.test(line);

async function refusing<T>(at: At, file: Offered, offset: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HarnessError) || error.code !== "AT_ERROR") throw error;
    throw refused(at, file, offset, String(error.details["answer"]), error);
  }
}

function refused(at: At, file: Offered, offset: number, answer: string, cause?: HarnessError): HarnessError {
  const total = file.bytes.length;
  const where = offset === total ? `all ${total} bytes were sent` : `at byte ${offset} of ${total}`;
  return new HarnessError("OTA_REFUSED", `${at.name}: ${file.name}: ${where}, answered ${JSON.stringify(answer)}`, {
    details: { answer, offset, total },
    ...(cause !== undefined && { cause }),
  });
}

/** Without complaint: what made it necessary is told. */
async function leave(at: At, { clock }: Deadline): Promise<void> {
  await at
    .command("AT+OTASTART=0", Deadline.in(LEAVE_MS, `${at.name}: leaving the update`, clock))
    .catch(() => undefined);
}

function unlessRefused(error: unknown): void {
  if (!(error instanceof HarnessError) || error.code !== "AT_ERROR") throw error;
}
