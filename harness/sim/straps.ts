import type { Clock } from "../base/time.js";
import type { Line, Straps } from "../base/wire.js";
import type { SimOptions } from "./options.js";
import { ShortPulse } from "./short-pulse.js";

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
  readonly #clock: Clock;
  readonly #levels: Record<Line, boolean> = { boot: false, chipEn: false, power: true };
  readonly #pulse: ShortPulse;
  #bootSinceMs = 0;
  #failure: AbortController | undefined;
  #on = false;

  /** @param resetMinMs a shorter low of CHIP_EN is not noticed. */
  constructor(wiring: SimOptions["wiring"], module: Switch, clock: Clock, resetMinMs = 0) {
    this.#wiring = wiring;
    this.#switch = module;
    this.#clock = clock;
    this.#pulse = new ShortPulse(clock, resetMinMs, () => this.#settle());
  }

  /** BOOT as the module reads it now. */
  get boot(): boolean {
    return this.#levels.boot && this.#wiring.boot === "ok";
  }

  /** When BOOT last changed, on the module's clock. */
  get bootSinceMs(): number {
    return this.#bootSinceMs;
  }

  /** The levels that the host drives. */
  get levels(): Readonly<Record<Line, boolean>> {
    return this.#levels;
  }

  set(line: Line, asserted: boolean): void {
    if (line === "boot" && asserted !== this.#levels.boot) this.#bootSinceMs = this.#clock.now();
    this.#levels[line] = asserted;
    if (line === "chipEn") this.#pulse.drive(asserted);
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
    const powered = this.#levels.power && this.#failure === undefined;
    if (!powered) this.#pulse.forget();
    const on = powered && this.#pulse.enabled && this.#wiring.chipEn === "ok";
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
