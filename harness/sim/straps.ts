import type { Line, Straps } from "../base/wire.js";
import type { SimOptions } from "./options.js";

/** What the module does when its lines say so. */
interface Switch {
  /** CHIP_EN has risen under power. */
  up(): void;
  down(): void;
  /** The supply has gone, whether or not the module was on. */
  dark?(): void;
}

/**
 * The module's pins, which outlive whoever drives them. At first power is supplied, BOOT and CHIP_EN are low.
 * BOOT only counts at the moment at which CHIP_EN rises or the die resets itself.
 */
export class Pins {
  readonly #wiring: SimOptions["wiring"];
  readonly #switch: Switch;
  readonly #levels: Record<Line, boolean> = { boot: false, chipEn: false, power: true };
  #failure: AbortController | undefined;
  #on = false;

  constructor(wiring: SimOptions["wiring"], module: Switch) {
    this.#wiring = wiring;
    this.#switch = module;
  }

  /** BOOT as the module reads it now. */
  get boot(): boolean {
    return this.#levels.boot && this.#wiring.boot === "ok";
  }

  /** The levels that the host drives. */
  get levels(): Readonly<Record<Line, boolean>> {
    return this.#levels;
  }

  set(line: Line, asserted: boolean): void {
    this.#levels[line] = asserted;
    if (line === "power" && !asserted) this.#endFailure();
    this.#settle();
  }

  /**
   * The supply fails by itself; the host's levels stay as they are.
   *
   * @returns what aborts when the failure is over otherwise than by `restore`: the host took the power away itself, or
   * the supply failed once more.
   */
  fail(): AbortSignal {
    this.#endFailure();
    this.#failure = new AbortController();
    this.#settle();
    return this.#failure.signal;
  }

  /** The supply is back. */
  restore(): void {
    this.#failure = undefined;
    this.#settle();
  }

  #endFailure(): void {
    this.#failure?.abort();
    this.#failure = undefined;
    this.#switch.dark?.();
  }

  #settle(): void {
    const { chipEn, power } = this.#levels;
    const on = power && this.#failure === undefined && chipEn && this.#levels.chipEn && this.#wiring.chipEn === "ok";
    if (on === this.#on) return;
    this.#on = on;
    if (on) this.#switch.up();
    else this.#switch.down();
  }
}

/** A host's hold on the pins. Letting go changes no level: whoever opened it leaves them as they shall be. */
export const strapsOf = (pins: Pins): Straps => ({
  async set(line, asserted) {
    pins.set(line, asserted);
  },
  async [Symbol.asyncDispose]() {},
});
