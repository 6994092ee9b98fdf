import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import { type Request, rowOf } from "../protocol/commands.js";
import type { Entered } from "./session.js";
import { askAfterSilence } from "./silence.js";
import { type Observer, stopwatch } from "./stage.js";

/** Of the module's flash. */
const SECTOR_BYTES = 4096;
/** Longest that an erase is waited for where nothing speaks against it. */
export const ERASE_MS = rowOf("flashChipErase").budgetMs;

type EraseName = "flashErase" | "flashChipErase";

/** An erase that was not answered, as the details of its error. */
export interface Unanswered {
  readonly command: EraseName;
  readonly waitedMs: number;
  /** Whether the ROM answered boot info afterwards, at the same rate and without a reset. */
  readonly bootInfo: boolean;
  /** And whether in the session of the erase. `ended`: not, it had its time; `lost`: not, though it should still have lasted. */
  readonly session?: "kept" | "ended" | "lost";
}

/**
 * Erases every sector that a range touches.
 *
 * @param end the first byte that is not meant.
 * @param budgetMs how long the answer is waited for; each PD begins that anew.
 * @throws HarnessError what `request` throws; COMMAND_TIMEOUT with the details of `Unanswered`.
 */
export async function eraseSectors(
  entered: Entered,
  { start, end }: { readonly start: number; readonly end: number },
  deadline: Deadline,
  observer: Observer,
  budgetMs = ERASE_MS,
): Promise<void> {
  const first = Math.floor(start / SECTOR_BYTES);
  observer.wear?.({ chip: entered.info.chipId, first, sectors: Math.ceil(end / SECTOR_BYTES) - first });
  const range = { first: start, last: end - 1 };
  const work = () => erase("flashErase", range, entered, deadline, observer, budgetMs);
  await stopwatch(deadline, observer)("erase", work, end - start);
}

/** Erases the whole chip. @throws HarnessError as `eraseSectors`. */
export async function eraseWholeChip(
  entered: Entered,
  deadline: Deadline,
  observer: Observer,
  budgetMs = ERASE_MS,
): Promise<void> {
  observer.wear?.({ chip: entered.info.chipId, first: 0 });
  const work = () => erase("flashChipErase", {}, entered, deadline, observer, budgetMs);
  await stopwatch(deadline, observer)("erase-chip", work);
}

/** After silence boot info tells a ROM whose answer was lost, or whose flash says nothing, from one that is busy or gone. */
async function erase<N extends EraseName>(
  name: N,
  values: Request<N>,
  { rig, rom }: Entered,
  deadline: Deadline,
  observer: Observer,
  budgetMs: number,
): Promise<void> {
  try {
    const slow = () => observer.waiting?.(name, budgetMs);
    await rom.request(name, values, deadline, { budgetMs, slow });
  } catch (error) {
    if (!(error instanceof HarnessError) || error.code !== "COMMAND_TIMEOUT" || deadline.remainingMs === 0) throw error;
    const found = await askAfterSilence(rom.wire, name, deadline);
    if (found === "done") {
      observer.note?.(`${rig.name}: ${name} was answered late, after more than ${budgetMs / 1000} s`);
      return;
    }
    const unanswered: Unanswered = {
      ...{ command: name, waitedMs: budgetMs, bootInfo: found !== "silent" },
      ...(found !== "silent" && { session: found === "answers" ? "kept" : budgetMs < rom.safeMs ? "lost" : "ended" }),
    };
    throw new HarnessError(error.code, error.message, { cause: error, details: { ...error.details, ...unanswered } });
  }
}
