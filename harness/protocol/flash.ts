import { view } from "./fields.js";

/**
 * The word of set-para: pin, clock configuration, io mode, clock delay, from the low byte up.
 * 0x41, 1 and 1 are the vendor's configuration for this module; the pin is the one of the boot info.
 */
export const flashWord = (pin: number): number => (pin | (0x41 << 8) | (0x01 << 16) | (0x01 << 24)) >>> 0;

/**
 * The 84-byte flash block that the vendor's tool sends before each file: flash_para.bin of the package, a GD25LQ
 * profile (SHA-256 002c41f3…e1e0). Commands, dummy clocks and allowed times of the SPI flash.
 */
export const FLASH_PARAMETERS: Uint8Array = Buffer.from(
  "040100006699ff039f00b7e904c80001c72052d8060232000b010b013b01bb006b01eb02eb02025000010001010002010201ab0105350000" +
    "0101000038ffa0ff77030240770302f02c01b004b0040500e8801400",
  "hex",
);

/** The fourth byte of the JEDEC answer when the device knows the part itself; then no block is sent. */
const KNOWN_PART = 0x80;

export interface JedecId {
  /** Manufacturer, type, capacity as 6 hex digits: `c46016`. */
  readonly id: string;
  readonly flashBytes: number;
  readonly known: boolean;
}

export function decodeJedec(bytes: Uint8Array): JedecId {
  const words = view(bytes);
  return {
    id: Buffer.from(bytes.subarray(0, 3)).toString("hex"),
    flashBytes: capacityBytes(words.getUint8(2)),
    known: words.getUint8(3) === KNOWN_PART,
  };
}

/**
 * 512 KiB at 0x13, doubling with each step up to 16 MiB at 0x18: all that the boot ROM reaches, since the flash block of the
 * vendor leaves its 32-bit addresses off. 0 for every other byte: no such part can be there.
 */
export function capacityBytes(capacityId: number): number {
  return capacityId < 0x13 || capacityId > 0x18 ? 0 : 2 ** (capacityId - 0x13) * 512 * 1024;
}

/** The flash of every ST67W611M1 that has told: the working module of the seed logs says c46016. */
export const MODULE_FLASH_BYTES = 4 * 1024 * 1024;

/** All ones or all zeros is what a bus says on which nobody answers. */
export const isUnanswered = (id: string): boolean => id === "ffffff" || id === "000000";
