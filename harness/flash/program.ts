import type { Deadline } from "../base/time.js";
import { CHUNK_BYTES, FIRST_CHUNK } from "../protocol/commands.js";
import { FLASH_PARAMETERS, flashWord } from "../protocol/flash.js";
import type { BootRom } from "../session/rom.js";
import type { Session } from "../session/session.js";
import { type Observer, stopwatch } from "../session/stage.js";
import { compareBytes } from "./read.js";
import type { Step } from "./step.js";
import { verifyRange } from "./verify.js";

type Write = Extract<Step, { op: "write" }>;

/** Carries out one step; nothing is tried twice here. */
export async function carryOut(step: Step, session: Session, deadline: Deadline, observer: Observer): Promise<void> {
  const { rom, info, jedec } = session;
  const timed = stopwatch(deadline, observer);
  switch (step.op) {
    case "erase-chip":
      await timed("erase-chip", () => rom.request("flashChipErase", {}, deadline));
      return;
    case "parameters":
      if (jedec.known) return;
      await rom.request("flashSetPara", { word: flashWord(info.flashPin), parameters: FLASH_PARAMETERS }, deadline);
      return;
    case "erase": {
      const { start, end } = step;
      await timed("erase", () => rom.request("flashErase", { first: start, last: end - 1 }, deadline), end - start);
      return;
    }
    case "write":
      await timed(`write ${step.file}`, () => write(rom, step, deadline, observer), step.bytes);
      return;
    case "write-check":
      await rom.request("flashWriteCheck", {}, deadline);
      return;
    case "read-back":
      await timed(`read back ${step.file}`, () => compareBytes(session, step, deadline, observer), step.data.length);
      return;
    case "verify":
      await timed(`verify ${step.file}`, () => verifyRange(rom, step, deadline), step.bytes);
      return;
  }
}

/** The address word of a later xz chunk counts compressed bytes; the device goes on where its output stands. */
async function write(
  rom: BootRom,
  { address, payload, mode, file }: Write,
  deadline: Deadline,
  observer: Observer,
): Promise<void> {
  const name = mode === "xz" ? "flashDecompressWrite" : "flashWrite";
  for (let at = 0; at < payload.length; at += CHUNK_BYTES) {
    const first = mode === "xz" && at === 0;
    const word = first ? (address | FIRST_CHUNK) >>> 0 : address + at;
    const data = payload.subarray(at, at + CHUNK_BYTES);
    await rom.request(name, { address: word, data }, deadline);
    observer.progress?.(`write ${file}`, at + data.length, payload.length);
  }
}
