import { createHash } from "node:crypto";
import { HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { verifyRange } from "../flash/verify.js";
import type { BootInfo } from "../protocol/boot-info.js";
import type { JedecId } from "../protocol/flash.js";
import { eraseSectors, eraseWholeChip } from "../session/erase.js";
import { type Entered, enter, type Session, setRate, setUpFlash, sureJedec } from "../session/session.js";
import { type Observer, SILENT, stopwatch } from "../session/stage.js";
import { ErasePatience } from "./erase-patience.js";
import { reachModule } from "./reach.js";
import { AT_THE_BENCH, NO_LADDER, type Recovery } from "./rung.js";
import { leftWith } from "./touched.js";
import { answers, isLinkTrouble, isSetParaSilence, onceMore, setParaSilent } from "./trouble.js";

interface Range {
  readonly start: number;
  /** The first byte that is not meant. */
  readonly end: number;
}

/**
 * Erases the whole chip. A set-para that stays silent does not stop it while the module answers boot info: modules that
 * went silent like this were cured by just this erase. The flash is blank afterwards, by the module's own hash.
 *
 * @throws HarnessError VERIFY_MISMATCH when it is not; what `reachModule` throws.
 */
export async function eraseChip(rig: Rig, deadline: Deadline, observer: Observer = SILENT): Promise<BootInfo> {
  const patience = new ErasePatience();
  const { info } = await erasing(CHIP, deadline, (begin) =>
    onceMore(rig.name, deadline, observer, () => eraseChipOnce(rig, deadline, observer, AT_THE_BENCH, patience, begin)),
  );
  return info;
}

const CHIP = "the whole chip";

/** The same on the ladder, once, for who goes on with the blank module. */
export const eraseForSession = (
  rig: Rig,
  deadline: Deadline,
  observer: Observer,
  patience: ErasePatience,
): Promise<Session> =>
  erasing(CHIP, deadline, (begin) => eraseChipOnce(rig, deadline, observer, NO_LADDER, patience, begin));

async function eraseChipOnce(
  rig: Rig,
  deadline: Deadline,
  observer: Observer,
  recovery: Recovery,
  patience: ErasePatience,
  begin: () => void,
): Promise<Session> {
  const entered = await openForErase(rig, deadline, observer, recovery);
  begin();
  await patience.spend((budgetMs) => eraseWholeChip(entered, deadline, observer, budgetMs));
  const session = { ...entered, jedec: await setUpBlank(entered, deadline, observer) };
  const { flashBytes } = await sureJedec(session, deadline);
  await proveBlank(session, { start: 0, end: flashBytes }, deadline, observer);
  return session;
}

/** Erases the whole sectors of a range. @throws HarnessError USAGE for a range beyond the flash; VERIFY_MISMATCH. */
export async function eraseRange(
  rig: Rig,
  { start, end }: Range,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<BootInfo> {
  const what = `${hexNumber(start)} to ${hexNumber(end - 1)}`;
  const patience = new ErasePatience();
  return erasing(what, deadline, (begin) =>
    onceMore(rig.name, deadline, observer, () =>
      eraseRangeOnce(rig, { start, end }, deadline, observer, patience, begin),
    ),
  );
}

async function eraseRangeOnce(
  rig: Rig,
  { start, end }: Range,
  deadline: Deadline,
  observer: Observer,
  patience: ErasePatience,
  begin: () => void,
): Promise<BootInfo> {
  const session = await reachModule(rig, deadline, observer);
  const { info } = session;
  const { flashBytes } = await sureJedec(session, deadline);
  if (end > flashBytes) {
    throw new HarnessError(
      "USAGE",
      `${hexNumber(start)} to ${hexNumber(end - 1)}: the flash ends at ${hexNumber(flashBytes)}`,
    );
  }
  begin();
  await patience.spend((budgetMs) => eraseSectors(session, { start, end }, deadline, observer, budgetMs));
  await proveBlank(session, { start, end }, deadline, observer);
  return info;
}

/** Once an erase has begun the flash is not what it was: whatever ends the work before it is proven says so. */
async function erasing<T>(what: string, deadline: Deadline, work: (begin: () => void) => Promise<T>): Promise<T> {
  let begun = false;
  const begin = () => {
    begun = true;
  };
  try {
    return await work(begin);
  } catch (error) {
    if (!begun) throw error;
    throw leftWith(error, deadline, {
      state: `the erase of ${what} was begun and is not proven: the module may hold anything there`,
      again: "Erase it again with the same arguments.",
      flash: { erase: "begun" },
    });
  }
}

/** As `reachModule`, but a silent set-para is only told. That alone: a flash that says two things of itself keeps its cells. */
async function openForErase(rig: Rig, deadline: Deadline, observer: Observer, recovery: Recovery): Promise<Entered> {
  const entered = rig.loadBaud === "auto" ? undefined : await enterAt(rig, rig.loadBaud, deadline, observer);
  try {
    if (entered === undefined) return await reachModule(rig, deadline, observer, recovery);
    const again = () => setUpFlash(entered, deadline, observer);
    await onceMore(rig.name, deadline, observer, again, isLinkTrouble);
    return entered;
  } catch (error) {
    const silent = error instanceof HarnessError && error.code === "SET_PARA_SILENT";
    if (!silent && !(isLinkTrouble(error) && entered !== undefined)) throw error;
    if (entered !== undefined && !(isSetParaSilence(error) && (await answers(entered, deadline))))
      return reachModule(rig, deadline, observer, recovery);
    observer.note?.(`${rig.name}: set-para stays silent and boot info is answered: the chip is erased all the same`);
    return entered ?? enterAt(rig, rig.wire.baud, deadline, observer);
  }
}

async function enterAt(rig: Rig, baud: number, deadline: Deadline, observer: Observer): Promise<Entered> {
  const entered = await enter(rig, deadline, observer);
  await setRate(entered, baud, deadline, observer);
  return entered;
}

/** A set-para that stays silent even now leaves the erase unproven. */
async function setUpBlank(entered: Entered, deadline: Deadline, observer: Observer): Promise<JedecId> {
  try {
    return await setUpFlash(entered, deadline, observer);
  } catch (error) {
    if (!isLinkTrouble(error)) throw error;
    const silent = isSetParaSilence(error) && (await answers(entered, deadline));
    throw silent
      ? setParaSilent(entered, error, "the chip was told to erase, and nothing proves that it is blank")
      : error;
  }
}

/** An erase that was acknowledged is not yet one that happened: times of erases prove nothing, blank cells do. */
async function proveBlank(
  { rom }: Session,
  { start, end }: Range,
  deadline: Deadline,
  observer: Observer,
): Promise<void> {
  const bytes = end - start;
  const sha256 = createHash("sha256").update(Buffer.alloc(bytes, 0xff)).digest("hex");
  const blank = { file: "blank check", address: start, bytes, sha256 };
  await stopwatch(deadline, observer)("blank-check", () => verifyRange(rom, blank, deadline, observer), bytes);
}
