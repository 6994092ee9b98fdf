import type { Extent } from "./spared.js";

export const SECTOR_BYTES = 4096;
export const PAGE_BYTES = 256;
/** A shorter blank run is sent: a write more would cost as much as its pages. */
const PASSED_OVER = 8;

const BLANK_PAGE = Buffer.alloc(PAGE_BYTES, 0xff);

/** The first byte of each page that is not blank. */
function* usedPages(bytes: Uint8Array): Generator<number> {
  for (let at = 0; at < bytes.length; at += PAGE_BYTES)
    if (BLANK_PAGE.compare(bytes, at, at + PAGE_BYTES) !== 0) yield at;
}

/** How many pages of whole sectors are to be programmed. */
export const pagesUsed = (bytes: Uint8Array): number => [...usedPages(bytes)].length;

/** What of whole sectors is to be sent, in whole pages: an erase has left the rest as it must be. */
export function filledIn(bytes: Uint8Array): Extent[] {
  const runs: { start: number; end: number }[] = [];
  for (const at of usedPages(bytes)) {
    const last = runs.at(-1);
    if (last !== undefined && at - last.end < PASSED_OVER * PAGE_BYTES) last.end = at + PAGE_BYTES;
    else runs.push({ start: at, end: at + PAGE_BYTES });
  }
  return runs;
}
