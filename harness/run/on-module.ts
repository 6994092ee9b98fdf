import type { Fault } from "../base/events.js";
import { told } from "../base/files.js";
import type { Firmware } from "./scenario.js";

/** What a case did to the module's flash, as far as its bench can tell. */
export class Contents {
  #flashed: Firmware | undefined;
  #isTouched = false;

  /** @param found what was on the module as the case began. */
  constructor(found: Firmware | undefined) {
    this.#flashed = found;
  }

  /** The last that was flashed and verified, or that was there; `undefined` since an erase. */
  get flashed(): Firmware | undefined {
    return this.#flashed;
  }

  set flashed(firmware: Firmware | undefined) {
    this.#flashed = firmware;
    this.#isTouched = true;
  }

  /** Whether the flash may be another than before. */
  get isTouched(): boolean {
    return this.#isTouched;
  }

  /** The scenario has the module in its own hands: nobody sees what it does there. */
  touch(): void {
    this.#isTouched = true;
  }
}

/** What is known of the module on one rig, from case to case. A new process knows nothing. */
export class OnModule {
  /** Verified, and seen to boot where the rig can see that. */
  firmware: Firmware | undefined;
  /** The last one that passed here, whatever is on the module now. */
  proven: Firmware | undefined;
  /** By label: why a firmware cannot be put on a module that takes others. */
  readonly refused = new Map<string, Fault>();

  /** By what is signed of it: two things may be called the same. */
  holds(firmware: Firmware): boolean {
    const there = this.firmware;
    if (there === undefined || there === firmware) return there !== undefined;
    return there.label === firmware.label && bodyOf(there) === bodyOf(firmware);
  }
}

const bodyOf = ({ load }: Firmware): string | undefined => told(() => load().firmware.bodySha256);
