import { HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";
import type { Range } from "./ini.js";

interface Placed {
  readonly section: string;
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly slotBytes: number | undefined;
}

/**
 * Whether files can lie where they are meant to.
 *
 * @param files by ascending address.
 * @throws HarnessError PLAN_INVALID with every conflict.
 */
export function checkLayout(
  ini: string,
  { erase, skip }: { readonly erase: number; readonly skip: readonly Range[] },
  files: readonly Placed[],
): void {
  const conflicts: string[] = [];
  if (erase === 2 && skip.length > 0)
    conflicts.push("erase = 2 erases the whole chip: expected no skip_mode ranges with it");
  for (const [index, file] of files.entries()) conflicts.push(...conflictsOf(file, files[index + 1]));
  if (conflicts.length > 0)
    throw new HarnessError("PLAN_INVALID", conflicts.map((conflict) => `${ini}: ${conflict}`).join("\n"), {
      details: { conflicts },
    });
}

function conflictsOf({ section, address, bytes, slotBytes }: Placed, next: Placed | undefined): string[] {
  const conflicts: string[] = [];
  const who = `[${section}] at ${hexNumber(address)}`;
  if (bytes.length === 0) conflicts.push(`${who}: expected a file with bytes in it, got an empty one`);
  if (slotBytes !== undefined && bytes.length > slotBytes)
    conflicts.push(`${who}: expected at most ${slotBytes} bytes, the size of its partition, got ${bytes.length}`);
  if (next === undefined) return conflicts;
  if (next.address === address) conflicts.push(`${who}: expected an address of its own, got that of [${next.section}]`);
  else if (address + bytes.length > next.address)
    conflicts.push(
      `${who}: expected at most ${next.address - address} bytes before [${next.section}], got ${bytes.length}`,
    );
  return conflicts;
}
