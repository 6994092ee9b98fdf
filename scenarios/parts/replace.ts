import { type Bench, blankedBy, type Firmware, type Session, sparedBy } from "../../harness/run/index.js";
import { blankRange, differing } from "./hashes.js";

/** To look at a flash is no reason to erase it. */
const BELOW_ERASE = 6;

/**
 * One firmware over another, which runs: flashed and verified as the ini says, and its banner names the version and profile
 * of the new one. What the ini does not erase is the same as before, since mfg's erases less than the whole chip.
 */
export async function replaceBy(bench: Bench, after: Firmware): Promise<void> {
  await flashOver(bench, after);
  await bench.boot(after);
}

/** The same, and whatever was erased for it and not written is blank: of a longer firmware no tail is left. */
export async function replaceWhollyBy(bench: Bench, after: Firmware): Promise<void> {
  const { openSession, boot, step, expect } = bench;
  const session = await openSession();
  await flashOver(bench, after, session);
  // Before the boot: an application may write what it likes.
  await step(`nothing else is left beside ${after.label}`, async () => {
    expect(await differing(bench, session, blankedBy(after.plan()).map(blankRange))).toEqual([]);
  });
  await boot(after);
}

async function flashOver(bench: Bench, after: Firmware, session?: Session): Promise<void> {
  const { flash, step, expect } = bench;
  const spared = sparedBy(after.plan());
  const isSpared = spared.length > 0;
  const before = isSpared ? await step("what the ini spares, before", () => hashes(bench, spared, session)) : [];
  await flash(after, session);
  if (!isSpared) return;
  expect(await step("what the ini spares, after", () => hashes(bench, spared, session))).toEqual(before);
}

async function hashes(
  { openSession, hash }: Bench,
  ranges: ReturnType<typeof sparedBy>,
  open: Session | undefined,
): Promise<string[]> {
  const session = open ?? (await openSession(BELOW_ERASE));
  const found: string[] = [];
  for (const { address, bytes } of ranges) found.push(`${address}: ${await hash(session, address, bytes)}`);
  return found;
}
