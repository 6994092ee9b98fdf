import type { RomFlash } from "../rom/rom-flash.js";
import { SECTOR_BYTES } from "../silicon/pages.js";

/** What a flash that fails says to boot2 and to the application: nobody hears the number. */
const FAILED = 0x0006;

const noPause = async (): Promise<void> => undefined;

/** Writes to the flash as boot2 and the application do: from a sector on, each erased as it is reached. */
export class SectorWriter {
  readonly #flash: RomFlash;
  #at: number;
  #erasedTo: number;

  /** @param address of a sector. */
  constructor(flash: RomFlash, address: number) {
    this.#flash = flash;
    this.#at = address;
    this.#erasedTo = address;
  }

  /** @throws Refusal where the flash fails. */
  async write(bytes: Uint8Array): Promise<void> {
    const end = this.#at + bytes.length;
    for (; this.#erasedTo < end; this.#erasedTo += SECTOR_BYTES)
      await this.#flash.erase(this.#erasedTo, this.#erasedTo + SECTOR_BYTES - 1, noPause);
    await this.#flash.program(this.#at, bytes, FAILED);
    this.#at = end;
  }
}
