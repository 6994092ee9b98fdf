import type { Erase } from "../base/events.js";

/** Each of some sectors was erased so often. */
export type Range = Erase & { readonly erases: number };

/** Adds up erases. */
export class Erases {
  readonly #times = new Map<string, { erase: Erase; erases: number }>();

  constructor(ranges: readonly Range[] = []) {
    for (const { erases, ...erase } of ranges) this.add(erase, erases);
  }

  add({ chip, first, sectors }: Erase, erases = 1): void {
    const key = JSON.stringify([chip, first, sectors]);
    const found = this.#times.get(key);
    if (found !== undefined) found.erases += erases;
    else this.#times.set(key, { erase: { chip, first, ...(sectors !== undefined && { sectors }) }, erases });
  }

  ranges(): Range[] {
    return [...this.#times.values()].map(({ erase, erases }) => ({ ...erase, erases }));
  }
}

/** How often the most erased sector of a chip was erased. A chip erase counts for each of them. */
export interface Wear {
  readonly chip: string;
  readonly erases: number;
  /** The first of the sectors that were erased so often; `undefined`: the chip was only ever erased as a whole. */
  readonly sector?: number;
}

/** One for each chip, in the order of their ids. */
export function wearOf(ranges: readonly Range[]): Wear[] {
  const chips = [...new Set(ranges.map(({ chip }) => chip))].sort();
  return chips.map((chip) =>
    mostOf(
      chip,
      ranges.filter((range) => range.chip === chip),
    ),
  );
}

/** A sweep over where ranges begin and end. */
function mostOf(chip: string, ranges: readonly Range[]): Wear {
  const steps = new Map<number, number>();
  let whole = 0;
  for (const { first, sectors, erases } of ranges) {
    if (sectors === undefined) whole += erases;
    else {
      steps.set(first, (steps.get(first) ?? 0) + erases);
      steps.set(first + sectors, (steps.get(first + sectors) ?? 0) - erases);
    }
  }
  let now = 0;
  let most = { erases: 0, sector: undefined as number | undefined };
  for (const [sector, change] of [...steps].sort(([a], [b]) => a - b)) {
    now += change;
    if (now > most.erases) most = { erases: now, sector };
  }
  return { chip, erases: whole + most.erases, ...(most.sector !== undefined && { sector: most.sector }) };
}
