const PAGE_BYTES = 256;
export const SECTOR_BYTES = 4096;

/** How often a host erased and programmed each sector; a sector counts once for each of its pages programmed. */
export interface Wear {
  readonly erases: Uint32Array;
  readonly programs: Uint32Array;
}

/** Bytes that fall on one page: what the part programs in one go. */
export interface PagePiece {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** The cells of an SPI NOR flash. Addresses wrap at its capacity, as the lines that it lacks are not connected. */
export class Nor {
  readonly bytes: Uint8Array;
  readonly wear: Wear;
  /** The status registers 1 to 3. */
  readonly status = new Uint8Array(3);
  #changes = 0;

  /** @param bytes the cells themselves, not a copy; a whole number of sectors, a power of two. */
  constructor(bytes: Uint8Array, wear?: Wear) {
    this.bytes = bytes;
    const sectors = bytes.length / SECTOR_BYTES;
    this.wear = wear ?? { erases: new Uint32Array(sectors), programs: new Uint32Array(sectors) };
  }

  /** How many erases and programs there were since it was made. */
  get changes(): number {
    return this.#changes;
  }

  read(address: number, length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const at = this.#wrap(address + done);
      const piece = this.bytes.subarray(at, at + length - done);
      out.set(piece, done);
      done += piece.length;
    }
    return out;
  }

  /** Programs within one page: bits only go from 1 to 0. */
  program({ address, bytes }: PagePiece): void {
    const at = this.#wrap(address);
    bytes.forEach((byte, index) => {
      this.bytes[at + index] = (this.bytes[at + index] ?? 0) & byte;
    });
    this.#count(this.wear.programs, at);
  }

  /** Erases whole sectors. `address` is a sector's. */
  erase(address: number, length: number): void {
    for (let done = 0; done < length; done += SECTOR_BYTES) {
      const at = this.#wrap(address + done);
      this.bytes.fill(0xff, at, at + SECTOR_BYTES);
      this.#count(this.wear.erases, at);
    }
  }

  /** Whether a host ever programmed one of the sectors that hold this range. */
  programmed(address: number, length: number): boolean {
    const first = Math.floor(address / SECTOR_BYTES);
    const end = Math.ceil((address + length) / SECTOR_BYTES);
    return this.wear.programs.subarray(first, end).some((count) => count > 0);
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

/** `bytes` as they fall on the pages of the flash. */
export function* pagesOf(address: number, bytes: Uint8Array): Generator<PagePiece> {
  for (let done = 0; done < bytes.length; ) {
    const room = PAGE_BYTES - ((address + done) % PAGE_BYTES);
    yield { address: address + done, bytes: bytes.subarray(done, done + room) };
    done += room;
  }
}

/**
 * The blocks in which an erase of `first` to `last` (both within it) is done, as the sister chips' loaders do it:
 * 64 KiB where aligned and more than 60 KiB are left, else 32 KiB where aligned and more than 28 KiB are left, else 4 KiB.
 * None when `first` lies behind `last`.
 */
export function* blocksOf(first: number, last: number): Generator<{ address: number; length: number }> {
  const end = Math.floor(last / SECTOR_BYTES) * SECTOR_BYTES + SECTOR_BYTES;
  let address = Math.floor(first / SECTOR_BYTES) * SECTOR_BYTES;
  if (first > last) return;
  while (address < end) {
    const length = BLOCKS.find((block) => address % block === 0 && end - address >= block) ?? SECTOR_BYTES;
    yield { address, length };
    address += length;
  }
}

const BLOCKS = [64 * 1024, 32 * 1024];
