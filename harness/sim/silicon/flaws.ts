import { SECTOR_BYTES } from "./pages.js";

/** What is worn out of a flash. Its ROM acknowledges all the same: it never looks. */
export interface Flaws {
  /** Cells that are always 0 or always 1. */
  readonly stuckBits: readonly { readonly address: number; readonly bit: number; readonly value: number }[];
  /** Addresses of sectors that neither erase nor program. */
  readonly deadSectors: readonly number[];
}

export const NO_FLAWS: Flaws = { stuckBits: [], deadSectors: [] };

/** Keeps the cells of a worn flash to what they can still do. Addresses wrap at its capacity. */
export class CellFlaws {
  readonly #cells: Uint8Array;
  /** By the number of the sector. */
  readonly #dead: ReadonlySet<number>;
  readonly #stuck = new Map<number, { at: number; clear: number; set: number }[]>();

  /** Cells that are stuck are so from now on. */
  constructor(cells: Uint8Array, { stuckBits, deadSectors }: Flaws) {
    this.#cells = cells;
    const sectorOf = (address: number) => Math.floor((address % cells.length) / SECTOR_BYTES);
    this.#dead = new Set(deadSectors.map(sectorOf));
    for (const { address, bit, value } of stuckBits) {
      const one = { at: address % cells.length, clear: value === 0 ? 1 << bit : 0, set: value === 0 ? 0 : 1 << bit };
      this.#stuck.set(sectorOf(address), [...(this.#stuck.get(sectorOf(address)) ?? []), one]);
      this.hold(address % cells.length);
    }
  }

  isDead(address: number): boolean {
    return this.#dead.size > 0 && this.#dead.has(Math.floor(address / SECTOR_BYTES));
  }

  /** Something changed in this sector: its stuck cells are what they were. */
  hold(address: number): void {
    if (this.#stuck.size === 0) return;
    for (const { at, clear, set } of this.#stuck.get(Math.floor(address / SECTOR_BYTES)) ?? [])
      this.#cells[at] = ((this.#cells[at] ?? 0) & ~clear) | set;
  }
}
