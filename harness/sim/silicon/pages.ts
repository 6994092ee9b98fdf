export const PAGE_BYTES = 256;
export const SECTOR_BYTES = 4096;

/** Bytes that fall on one page: what the part programs in one go. */
export interface PagePiece {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** How many pages that range touches. */
export const pagesIn = (address: number, length: number): number =>
  Math.ceil(((address % PAGE_BYTES) + length) / PAGE_BYTES);

/** How many sectors an erase of `first` to `last` (both within it) takes; none when `first` lies behind `last`. */
export const sectorsIn = (first: number, last: number): number =>
  first > last ? 0 : Math.floor(last / SECTOR_BYTES) - Math.floor(first / SECTOR_BYTES) + 1;

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
