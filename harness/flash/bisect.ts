import type { DeltaCost } from "./delta-cost.js";
import { SECTOR_BYTES } from "./filled.js";
import { type Extent, sectorsIn } from "./spared.js";
import type { Stretch } from "./wanted.js";

/** Most that is asked for at once: a difference is then never far, and Ctrl-C is heard in between. */
const PIECE_BYTES = 64 * SECTOR_BYTES;
/** Single sectors of a large file that are looked at first. */
const SAMPLES = 8;

/** So many answers are taken to have said equal before the first came: few sectors differ, as a rule, and an erase wears. */
const HOPE = 2;

/** Whether the module holds what it must in a run of flash. */
export type Equal = (run: Extent) => Promise<boolean>;

/**
 * Which sectors of a stretch differ, by hashes: of pieces, then of halves of those that differ, as long as asking is cheaper
 * than sending. How likely a half is equal is learned from the answers on the way.
 *
 * @returns runs that hold every sector that differs, and others where asking did not pay.
 */
export async function differingIn(stretch: Stretch, equal: Equal, cost: DeltaCost): Promise<Extent[]> {
  const seen = { asked: 0, equal: 0 };
  const ask: Equal = async (run) => {
    const is = await equal(run);
    seen.asked++;
    if (is) seen.equal++;
    return is;
  };
  const saves = ({ start, end }: Extent): boolean => {
    const sent = cost.mend(stretch, stretch.bytes.subarray(start - stretch.address, end - stretch.address));
    return ((seen.equal + HOPE) / (seen.asked + HOPE)) * sent > cost.ask(end - start);
  };
  const halve = async (run: Extent): Promise<Extent[]> => {
    const middle = run.start + Math.ceil((run.end - run.start) / SECTOR_BYTES / 2) * SECTOR_BYTES;
    const left = { start: run.start, end: middle };
    if (middle >= run.end || !saves(left)) return [run];
    const right = { start: middle, end: run.end };
    // The run differs: where its left half does not, its right one does.
    if (await ask(left)) return halve(right);
    const isRightSame = saves(right) && (await ask(right));
    return [...(await halve(left)), ...(isRightSame ? [] : await halve(right))];
  };
  const found: Extent[] = [];
  for (const piece of piecesOf(stretch)) if (!(await ask(piece))) found.push(...(await halve(piece)));
  return sectorsIn(found);
}

/** As much as is asked for at once, one after the other. */
export function* piecesOf({ address, bytes }: Stretch): Generator<Extent> {
  const end = address + bytes.length;
  for (let start = address; start < end; start += PIECE_BYTES) yield { start, end: Math.min(start + PIECE_BYTES, end) };
}

/** Whether it seems to be another file altogether: none of some sectors, spread over it, is as it must be. */
export async function isAnother({ address, bytes }: Stretch, equal: Equal): Promise<boolean> {
  if (bytes.length <= PIECE_BYTES) return false;
  const sectors = bytes.length / SECTOR_BYTES;
  for (let nth = 0; nth < SAMPLES; nth++) {
    const start = address + Math.floor((sectors * nth) / SAMPLES) * SECTOR_BYTES;
    if (await equal({ start, end: start + SECTOR_BYTES })) return false;
  }
  return true;
}
