import { view } from "../../protocol/fields.js";

/** RAM of the die, as BL616's public linker scripts have it: cached and, an address bit away, uncached. */
const RAM_ADDRESSES = [0x62fc_0000, 0x22fc_0000] as const;
const RAM_BYTES = 480 * 1024;
/** Where boot2 leaves word for the boot ROM, and the vendor's host clears it: not 0 means "stay in the ROM". */
const BOOT_STATUS_AT = 0x2000_f108;
const BOOT_FROM_INTERFACE = 1;
const WORD_BYTES = 4;

/**
 * What of the die's address space a host can see a difference in: its RAM, and the word that outlives a reset of the
 * die. All other addresses take a write without effect and read as 0: our choice. It is forgotten when CHIP_EN falls.
 */
export class Memory {
  readonly #ram = new Uint8Array(RAM_BYTES);
  #bootStatus = 0;

  /** CHIP_EN has fallen. */
  forget(): void {
    this.#ram.fill(0);
    this.#bootStatus = 0;
  }

  /** The next reset of the die stays in the ROM, whatever BOOT says. */
  get asksForRom(): boolean {
    return this.#bootStatus !== 0;
  }

  askForRom(): void {
    this.#bootStatus = BOOT_FROM_INTERFACE;
  }

  /** Whether all of this range is RAM. */
  holds(address: number, length: number): boolean {
    const at = ramOffset(address);
    return at !== undefined && at + length <= RAM_BYTES;
  }

  /** For a range that is RAM. */
  write(address: number, bytes: Uint8Array): void {
    this.#ram.set(bytes, ramOffset(address) ?? 0);
  }

  /** One word; the two low bits of the address do not count. */
  store(address: number, value: number): void {
    const at = ramOffset(wordAligned(address));
    if (wordAligned(address) === BOOT_STATUS_AT) this.#bootStatus = value;
    else if (at !== undefined) view(this.#ram).setUint32(at, value, true);
  }

  load(address: number): number {
    if (wordAligned(address) === BOOT_STATUS_AT) return this.#bootStatus;
    const at = ramOffset(wordAligned(address));
    return at === undefined ? 0 : view(this.#ram).getUint32(at, true);
  }
}

export const wordAligned = (value: number): number => value - (value % WORD_BYTES);

function ramOffset(address: number): number | undefined {
  const base = RAM_ADDRESSES.find((start) => address >= start && address < start + RAM_BYTES);
  return base === undefined ? undefined : address - base;
}
