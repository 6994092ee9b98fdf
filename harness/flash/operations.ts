import { XzDecoder } from "../native/xz.js";
import { CHUNK_BYTES } from "../protocol/commands.js";
import type { Plan } from "./plan.js";
import type { Step } from "./step.js";

type Write = Extract<Step, { op: "write" }>;

/** What one command makes the flash do. */
export interface FlashOperation {
  readonly stage: "erase" | "program";
  /** From 1 on, of its stage. */
  readonly nth: number;
  /** A cut in the middle of it leaves other bytes than a cut in the one before. */
  readonly changes: boolean;
}

/** The loaders program what they expand in pieces of this size; a page at a time. */
const PIECE_BYTES = 4096;
const PAGE_BYTES = 256;

/**
 * Every erase and program that a plan makes the flash do, in order, as the loaders of this family do it. A chunk of an xz
 * stream that fills no piece programs nothing, and is none.
 */
export function operationsOf({ steps }: Plan): FlashOperation[] {
  const operations: FlashOperation[] = [];
  const count = { erase: 0, program: 0 };
  // Whether what was left to do behind the cut before changes any cell.
  let rest = false;
  for (const step of steps) {
    if (step.op === "erase" || step.op === "erase-chip") {
      operations.push({ stage: "erase", nth: ++count.erase, changes: true });
      rest = true;
    }
    if (step.op !== "write") continue;
    for (const { start, end } of piecesOf(step)) {
      const middle = middleOf(step.address, start, end);
      const changes = rest || step.plain.subarray(start, middle + 1).some(isProgrammed);
      operations.push({ stage: "program", nth: ++count.program, changes });
      rest = step.plain.subarray(middle, end).some(isProgrammed);
    }
  }
  return operations;
}

const isProgrammed = (byte: number): boolean => byte !== 0xff;

interface Piece {
  readonly start: number;
  readonly end: number;
}

/** What each command of a write programs, as offsets into the file. */
function* piecesOf({ mode, payload }: Write): Generator<Piece> {
  using decoder = mode === "xz" ? new XzDecoder() : undefined;
  let expanded = 0;
  let start = 0;
  for (let at = 0; at < payload.length; at += CHUNK_BYTES) {
    const chunk = payload.subarray(at, at + CHUNK_BYTES);
    expanded += decoder?.push(chunk).length ?? chunk.length;
    const isWhole = decoder === undefined || decoder.ended;
    const end = isWhole ? expanded : expanded - (expanded % PIECE_BYTES);
    if (end > start) yield { start, end };
    start = end;
  }
}

/** How far a piece has come when half of its time is over: each page takes the same, a piece of a page too. */
function middleOf(address: number, start: number, end: number): number {
  const firstPage = Math.floor((address + start) / PAGE_BYTES);
  const half = (Math.ceil((address + end) / PAGE_BYTES) - firstPage) / 2;
  const pageStart = Math.max(start, (firstPage + Math.floor(half)) * PAGE_BYTES - address);
  const pageEnd = Math.min(end, pageStart + PAGE_BYTES - ((address + pageStart) % PAGE_BYTES));
  return Number.isInteger(half) ? pageStart : Math.floor((pageStart + pageEnd) / 2);
}
