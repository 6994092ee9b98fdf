import type { Burnt } from "../../flash/efuse.js";
import type { FuseChange } from "../../flash/efuse-fields.js";
import type { EfusePlan } from "../../flash/efuse-plan.js";
import { tellConflict } from "../../flash/efuse-plan.js";

/** What a burn would change, as a person reads it. */
export function linesOf({ changes, conflicts }: EfusePlan, file: string, module: string): string[] {
  const told = conflicts.map(tellConflict);
  if (changes.length === 0)
    return [`${file} changes nothing in the fuses of module ${module}: nothing to burn`, ...told];
  return [`what ${file} would change in the fuses of module ${module}, for good:`, ...tableOf(changes), ...told];
}

/** What a file sets, as far as that can be said without a module. */
export const dryLinesOf = ({ changes }: EfusePlan, file: string): string[] => [
  `then burn what ${file} sets, compared with a module without any fuse:`,
  ...tableOf(changes),
];

/** The same as a program reads it. */
export const documentOf = ({ changes, conflicts, writes }: EfusePlan, file: string, burnt?: Burnt) => ({
  file,
  changes,
  conflicts,
  writes: writes.map(({ address, data }) => ({ address, bytes: data.length })),
  burned: (burnt?.writes ?? 0) > 0,
  unverified: burnt?.unverified ?? [],
});

function tableOf(changes: readonly FuseChange[]): string[] {
  const rows = [["field", "before", "after"], ...changes.map(({ field, before, after }) => [field, before, after])];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)) + 2);
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("")}`);
}
