import { type Bench, type Firmware, sparedBy } from "../../harness/run/index.js";

/**
 * One firmware over another, which runs: flashed and verified as the ini says, and its banner names the version and profile
 * of the new one. What the ini does not erase is the same as before, since mfg's erases less than the whole chip.
 */
export async function replaceBy(bench: Bench, after: Firmware): Promise<void> {
  const { flash, boot, step, expect } = bench;
  const spared = sparedBy(after.plan());
  const isSpared = spared.length > 0;
  const before = isSpared ? await step("what the ini spares, before", () => hashes(bench, spared)) : [];
  await flash(after);
  if (isSpared) expect(await step("what the ini spares, after", () => hashes(bench, spared))).toEqual(before);
  await boot(after);
}

async function hashes({ openSession, hash }: Bench, ranges: ReturnType<typeof sparedBy>): Promise<string[]> {
  const session = await openSession();
  const found: string[] = [];
  for (const { address, bytes } of ranges) found.push(`${address}: ${await hash(session, address, bytes)}`);
  return found;
}
