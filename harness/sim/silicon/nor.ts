import { CellFlaws, type Flaws, NO_FLAWS } from "./flaws.js";
import { PAGE_BYTES, type PagePiece, SECTOR_BYTES } from "./pages.js";

/** How often a host erased and programmed each sector; a sector counts once for each of its pages programmed. */
export interface Wear {
  readonly erases: Uint32Array;
  readonly programs: Uint32Array;
}

/** What the part is busy with: a page, or whole sectors from a sector's address on. */
export type Work =
  | { readonly kind: "program"; readonly page: PagePiece }
  | { readonly kind: "erase"; readonly address: number; readonly length: number };

/** The cells of an SPI NOR flash. Addresses wrap at its capacity, as the lines that it lacks are not connected. */
export class Nor {
  readonly bytes: Uint8Array;
  readonly wear: Wear;
  /** The status registers 1 to 3. */
  readonly status = new Uint8Array(3);
  readonly #flaws: CellFlaws;
  #changes = 0;
  #busy: { readonly work: Work; readonly startMs: number; readonly ms: number } | undefined;

  /** @param bytes the cells themselves, not a copy; a whole number of sectors, a power of two. */
  constructor(bytes: Uint8Array, wear?: Wear, flaws: Flaws = NO_FLAWS) {
    this.bytes = bytes;
    const sectors = bytes.length / SECTOR_BYTES;
    this.wear = wear ?? { erases: new Uint32Array(sectors), programs: new Uint32Array(sectors) };
    this.#flaws = new CellFlaws(bytes, flaws);
  }

  /** Begins what takes `ms`; its cells change when it ends. */
  begin(work: Work, startMs: number, ms: number): void {
    this.#busy = { work, startMs, ms };
  }

  /** What was begun is done: its time is over, or the die has been reset meanwhile, of which the flash knows nothing. */
  finish(): void {
    const work = this.abandon();
    if (work?.kind === "program") this.program(work.page);
    if (work?.kind === "erase") this.erase(work.address, work.length);
  }

  /** What was begun never happens. @returns what it was. */
  abandon(): Work | undefined {
    const work = this.#busy?.work;
    this.#busy = undefined;
    return work;
  }

  /**
   * Power goes. A page that was being programmed keeps what came first, and of one byte some bits; of sectors that were
   * being erased those before are done, one is partly: each of its bits so far as it got.
   *
   * @param random decides which bits: asked once, and only when there was something to cut.
   */
  cut(nowMs: number, random: () => number): void {
    if (this.#busy === undefined) return;
    const { startMs, ms } = this.#busy;
    const done = ms > 0 ? Math.min(1, (nowMs - startMs) / ms) : 1;
    const work = this.abandon();
    const seed = Math.floor(random() * 2 ** 32);
    if (work?.kind === "program") this.#cutProgram(work.page, done, seed);
    if (work?.kind === "erase") this.#cutErase(work.address, work.length, done, seed);
  }

  /** How many erases and programs there were since it was made. */
  get changes(): number {
    return this.#changes;
  }

  read(address: number, length: number): Uint8Array {
    const out = new Uint8Array(length);
    let done = 0;
    for (const cells of this.cells(address, length)) {
      out.set(cells, done);
      done += cells.length;
    }
    return out;
  }

  /** The cells of a range themselves: in one piece, unless it goes round. */
  *cells(address: number, length: number): Generator<Uint8Array> {
    for (let done = 0; done < length; ) {
      const at = this.#wrap(address + done);
      const piece = this.bytes.subarray(at, at + length - done);
      yield piece;
      done += piece.length;
    }
  }

  /** Programs within one page: bits only go from 1 to 0. */
  program({ address, bytes }: PagePiece): void {
    const at = this.#wrap(address);
    if (!this.#flaws.isDead(at)) {
      const cells = this.bytes.subarray(at, at + bytes.length);
      if (isErased(cells)) cells.set(bytes.subarray(0, cells.length));
      else for (let index = 0; index < cells.length; index++) cells[index] = (cells[index] ?? 0) & (bytes[index] ?? 0);
      this.#flaws.hold(at);
    }
    this.#count(this.wear.programs, at);
  }

  /** Erases whole sectors. `address` is a sector's. */
  erase(address: number, length: number): void {
    for (let done = 0; done < length; done += SECTOR_BYTES) {
      const at = this.#wrap(address + done);
      this.#sector(at, () => this.bytes.fill(0xff, at, at + SECTOR_BYTES));
    }
  }

  /** Whether a host ever programmed one of the sectors that hold this range. */
  programmed(address: number, length: number): boolean {
    const first = Math.floor(address / SECTOR_BYTES);
    const end = Math.ceil((address + length) / SECTOR_BYTES);
    return this.wear.programs.subarray(first, end).some((count) => count > 0);
  }

  #cutProgram({ address, bytes }: PagePiece, part: number, seed: number): void {
    const whole = Math.floor(part * bytes.length);
    const kept = bytes.slice(0, whole + 1);
    if (kept.length > whole) kept[whole] = (kept[whole] ?? 0) | noise(seed, whole);
    if (part > 0) this.program({ address, bytes: kept });
  }

  #cutErase(address: number, length: number, part: number, seed: number): void {
    const sectors = (part * length) / SECTOR_BYTES;
    const whole = Math.floor(sectors);
    this.erase(address, whole * SECTOR_BYTES);
    const at = this.#wrap(address + whole * SECTOR_BYTES);
    const got = (sectors - whole) * 256;
    if (got === 0) return;
    this.#sector(at, () => {
      for (let index = 0; index < SECTOR_BYTES; index++) {
        let mask = 0;
        for (let bit = 0; bit < 8; bit++) mask |= noise(seed, 8 * index + bit) < got ? 1 << bit : 0;
        this.bytes[at + index] = (this.bytes[at + index] ?? 0) | mask;
      }
    });
  }

  #sector(at: number, change: () => void): void {
    if (!this.#flaws.isDead(at)) {
      change();
      this.#flaws.hold(at);
    }
    this.#count(this.wear.erases, at);
  }

  #count(counters: Uint32Array, address: number): void {
    const sector = Math.floor(address / SECTOR_BYTES);
    counters[sector] = (counters[sector] ?? 0) + 1;
    this.#changes++;
  }

  #wrap(address: number): number {
    return address % this.bytes.length;
  }
}

const ERASED = new Uint8Array(PAGE_BYTES).fill(0xff);

/** Of cells of one page. */
const isErased = (cells: Uint8Array): boolean => Buffer.compare(cells, ERASED.subarray(0, cells.length)) === 0;

/** A byte that looks random, out of a seed and a place. */
function noise(seed: number, place: number): number {
  const mixed = Math.imul(seed ^ Math.imul(place + 1, 0x9e37_79b1), 0x85eb_ca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2_ae35) >>> 24;
}
