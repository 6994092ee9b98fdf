import type { Clock } from "../../base/time.js";
import type { Faults } from "../faults/faults.js";
import { until } from "../time/until.js";
import { Mishaps } from "./mishaps.js";
import { resample } from "./sampling.js";
import { byteMs, since, type Train } from "./train.js";

/** While nobody listens, or not at this rate, the line is asked again so often, in ms: somebody may begin to. */
const DEAF_MS = 1;

/** Whoever listens on the module's side: auto-baud, a session, or nobody. */
export interface Ear {
  /** After how many further bytes it wants to be told. */
  appetite(): number;
  hear(train: Train): void;
}

/** The far end of the line. */
export interface Cable {
  /** @returns how long the line is busy with them, in milliseconds. */
  begin(bytes: Uint8Array, baud: number): number;
  /** The module stops sending, done or cut off: what has not left by now never will. */
  end(): void;
  /** As `end`, for a module that is reset or goes off. */
  cut(): void;
}

/**
 * The module's UART. It hears nothing and says nothing while the module is off. A byte that began before somebody
 * listened is lost.
 */
export class Uart {
  /** `undefined`: it measures, so every rate is right. */
  baud: number | undefined;
  readonly #clock: Clock;
  #cable: Cable | undefined;
  #plug: () => void = () => undefined;
  #ear: Ear | undefined;
  #sinceMs = 0;
  #mute = false;
  readonly #mishaps: Mishaps;

  constructor(clock: Clock, faults: Faults) {
    this.#clock = clock;
    this.#mishaps = new Mishaps(faults, clock);
  }

  /** The host that is plugged in: one at a time. */
  get cable(): Cable | undefined {
    return this.#cable;
  }

  set cable(cable: Cable | undefined) {
    this.#cable = cable;
    if (cable !== undefined) this.#plug();
  }

  /** Resolves once a host is plugged in. For one that talks for ever: a clock that jumps would never rest. */
  async plugged(signal: AbortSignal): Promise<void> {
    if (this.#cable !== undefined) return;
    const plug = new Promise<void>((resolve) => {
      this.#plug = resolve;
    });
    await until(plug, signal);
  }

  /** `undefined`: deaf. */
  listen(ear: Ear | undefined): void {
    this.#ear = ear;
    this.#sinceMs = this.#clock.now();
  }

  /** After how many further bytes at `baud` something may happen here. */
  appetite(baud: number): number {
    const { hostAppetite } = this.#mishaps;
    if (this.#ear === undefined || !this.#matches(baud))
      return Math.min(hostAppetite, Math.max(1, Math.round(DEAF_MS / byteMs(baud))));
    return Math.min(hostAppetite, Math.max(1, this.#ear.appetite()));
  }

  /** What the host sends has arrived. */
  hear(train: Train): void {
    this.#mishaps.carry(train, (heard) => this.#listen(heard));
  }

  #listen(train: Train): void {
    const heard = since(train, this.#sinceMs, true);
    if (this.#ear === undefined || heard.bytes.length === 0) return;
    if (this.baud === undefined || this.#matches(heard.baud)) this.#ear.hear(heard);
    else this.#ear.hear({ ...heard, bytes: resample(heard.bytes, heard.baud, this.baud), baud: this.baud });
  }

  /** Resolves when the last bit has left. While the rate is not known there is nothing to say it with. */
  async say(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const { baud } = this;
    if (baud === undefined) return;
    const take = (ms: number) => this.#clock.sleep(ms, signal);
    if (this.#mute) return take(bytes.length * byteMs(baud));
    if (this.#mishaps.passes(bytes.length)) await this.#put(bytes, baud, signal);
    else await this.#mishaps.send(bytes, byteMs(baud), (piece) => this.#put(piece, baud, signal), take);
  }

  async #put(bytes: Uint8Array, baud: number, signal: AbortSignal): Promise<void> {
    const busyMs = (this.#mute ? undefined : this.#cable?.begin(bytes, baud)) ?? bytes.length * byteMs(baud);
    await this.#clock.sleep(busyMs, signal);
    this.#cable?.end();
  }

  /** Nothing is sent any more, until the next reset. */
  silence(): void {
    this.#cable?.end();
    this.#mute = true;
  }

  /** The die is reset, or goes off: a byte half sent is lost, and the rate is forgotten. */
  reset(): void {
    this.#cable?.cut();
    this.listen(undefined);
    this.baud = undefined;
    this.#mute = false;
  }

  /** Power goes: what was held back on the line finds nobody. */
  forget(): void {
    this.#mishaps.forget();
  }

  #matches(baud: number): boolean {
    return this.baud === undefined || sameBaud(baud, this.baud);
  }
}

/** A UART reads right as long as both clocks are at most a quarter of a bit apart after ten bits: 2.5 %. */
export const sameBaud = (a: number, b: number): boolean => Math.abs(a - b) <= 0.025 * Math.max(a, b);
