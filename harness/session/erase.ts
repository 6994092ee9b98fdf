import type { Deadline } from "../base/time.js";
import type { Entered } from "./session.js";
import { type Observer, stopwatch } from "./stage.js";

/** Of the module's flash. */
const SECTOR_BYTES = 4096;

/** Erases every sector that a range touches. @param end the first byte that is not meant. @throws HarnessError what `request` throws. */
export async function eraseSectors(
  { rom, info }: Entered,
  { start, end }: { readonly start: number; readonly end: number },
  deadline: Deadline,
  observer: Observer,
): Promise<void> {
  const first = Math.floor(start / SECTOR_BYTES);
  observer.wear?.({ chip: info.chipId, first, sectors: Math.ceil(end / SECTOR_BYTES) - first });
  const erase = () => rom.request("flashErase", { first: start, last: end - 1 }, deadline);
  await stopwatch(deadline, observer)("erase", erase, end - start);
}

/** Erases the whole chip. @throws HarnessError what `request` throws. */
export async function eraseWholeChip({ rom, info }: Entered, deadline: Deadline, observer: Observer): Promise<void> {
  observer.wear?.({ chip: info.chipId, first: 0 });
  await stopwatch(deadline, observer)("erase-chip", () => rom.request("flashChipErase", {}, deadline));
}
