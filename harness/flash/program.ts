import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { CHUNK_BYTES, FIRST_CHUNK } from "../protocol/commands.js";
import { FLASH_PARAMETERS, flashWord } from "../protocol/flash.js";
import { eraseSectors, eraseWholeChip } from "../session/erase.js";
import { isSlow } from "../session/pace.js";
import type { BootRom } from "../session/rom.js";
import type { Session } from "../session/session.js";
import { type Observer, stopwatch } from "../session/stage.js";
import { compareBytes } from "./read.js";
import type { Step } from "./step.js";
import { refuseUsed, verifyRange } from "./verify.js";

type Write = Extract<Step, { op: "write" }>;

/** Carries out one step; nothing is tried twice here. @param eraseMs how long an erase is waited for. */
export async function carryOut(
  step: Step,
  session: Session,
  deadline: Deadline,
  observer: Observer,
  eraseMs?: number,
): Promise<void> {
  const { rom, info, jedec } = session;
  const timed = stopwatch(deadline, observer);
  switch (step.op) {
    case "erase-chip":
      await eraseWholeChip(session, deadline, observer, eraseMs);
      return;
    case "parameters":
      if (jedec.known) return;
      await rom.request("flashSetPara", { word: flashWord(info.flashPin), parameters: FLASH_PARAMETERS }, deadline);
      return;
    case "erase":
      await eraseSectors(session, step, deadline, observer, eraseMs);
      return;
    case "blank-check":
      await timed(`blank-check ${step.of}`, () => refuseUsed(rom, step, deadline, observer), step.bytes);
      return;
    case "write":
      await made(step, deadline);
      await timed(`write ${step.file}`, () => write(session, step, deadline, observer), step.bytes);
      return;
    case "write-check":
      await rom.request("flashWriteCheck", {}, deadline);
      return;
    case "read-back":
      await timed(`read back ${step.file}`, () => compareBytes(session, step, deadline, observer), step.data.length);
      return;
    case "verify-again":
      await timed(`verify again ${step.file}`, () => verifyRange(rom, step, deadline, observer), step.bytes);
      return;
    case "verify":
      await timed(`verify ${step.file}`, () => verifyRange(rom, step, deadline, observer), step.bytes);
      return;
  }
}

/** In no stage: whether the stream was made already says nothing of the module. */
const made = (step: Write, { clock }: Deadline): Promise<void> =>
  clock.standStill === undefined ? step.ready() : clock.standStill(step.ready());

/** What an xz chunk that nobody knew has left behind does no harm: the same bytes are programmed once more. */
async function write({ rig, rom }: Session, step: Write, deadline: Deadline, observer: Observer): Promise<void> {
  const most = blockOf(rig);
  if (step.mode === "plain" || rom.lacks("flashDecompressWrite"))
    return writePlain(rom, step, most, deadline, observer);
  if (await writeXz(rom, step, most, deadline, observer)) return;
  observer.note?.(`${rig.name}: the device does not know xz (0x3F): files are written plainly`);
  await writePlain(rom, step, most, deadline, observer);
}

/** A line that has had trouble gets what is known to be taken. */
const blockOf = (rig: Rig): number => (isSlow(rig) ? CHUNK_BYTES : (rig.writeBytes ?? CHUNK_BYTES));

async function writePlain(
  rom: BootRom,
  { address, plain, file }: Write,
  most: number,
  deadline: Deadline,
  observer: Observer,
): Promise<void> {
  const progress = (sent: number) => observer.progress?.(`write ${file}`, sent, plain.length);
  await sendAll(rom, "flashWrite", chunksOf(plain, address, most), deadline, progress);
}

/**
 * The address word of a later chunk counts compressed bytes; the device goes on where its output stands.
 *
 * @returns false when the device does not know the command.
 */
async function writeXz(
  rom: BootRom,
  { address, payload, file }: Write,
  most: number,
  deadline: Deadline,
  observer: Observer,
): Promise<boolean> {
  const [first, ...others] = chunksOf(payload, address, most);
  if (first === undefined) return true;
  const begin = { address: (address | FIRST_CHUNK) >>> 0, data: first.data };
  if ((await rom.ask("flashDecompressWrite", begin, deadline)) === undefined) return false;
  const progress = (sent: number) => observer.progress?.(`write ${file}`, first.data.length + sent, payload.length);
  progress(0);
  await sendAll(rom, "flashDecompressWrite", others, deadline, progress);
  return true;
}

/** What one command writes. */
interface Chunk {
  readonly address: number;
  readonly data: Uint8Array;
}

/** One after the other, each encoded while the one before is on the line. @param sent is told how many bytes were acknowledged. */
async function sendAll(
  rom: BootRom,
  name: "flashWrite" | "flashDecompressWrite",
  chunks: readonly Chunk[],
  deadline: Deadline,
  sent: (bytes: number) => void,
): Promise<void> {
  let bytes = 0;
  for (const [index, chunk] of chunks.entries()) {
    const answered = rom.request(name, chunk, deadline);
    const next = chunks[index + 1];
    if (next !== undefined) rom.prepare(name, next);
    await answered;
    bytes += chunk.data.length;
    sent(bytes);
  }
}

function chunksOf(bytes: Uint8Array, address: number, most: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 0; at < bytes.length; at += most)
    chunks.push({ address: address + at, data: bytes.subarray(at, at + most) });
  return chunks;
}
