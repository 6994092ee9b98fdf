import type { Clock } from "../base/time.js";
import type { Straps, Wire } from "../base/wire.js";
import { run } from "./boot/run.js";
import { HostLine, type HostUart } from "./line/line.js";
import { Uart } from "./line/uart.js";
import { SimWire } from "./line/wire.js";
import type { SimOptions } from "./options.js";
import { Restart } from "./rom/restart.js";
import type { Board } from "./rom/rom.js";
import { Memory } from "./silicon/memory.js";
import { openSilicon, saveState } from "./silicon/state.js";
import { Pins, strapsOf } from "./straps.js";
import { VirtualClock } from "./time/clock.js";

/** Half of what a random function gives is no jitter at all. */
const steady = (): number => 0.5;

/** A simulated ST67W611M1. It outlives its connections, as a module on a bench does. */
export class SimModule {
  readonly #board: Board;
  readonly #clock: Clock;
  /** For who drives the levels themselves; a host takes `connect`. */
  readonly pins: Pins;
  #saved = 0;

  /**
   * @param random for `flash.jitter`: from 0 up to 1.
   * @throws HarnessError SIM_STATE_INVALID, FILE_UNREADABLE, RIG_INVALID: see `openSilicon`.
   */
  constructor(options: SimOptions, clock: Clock, random: () => number = steady) {
    const own = clock instanceof VirtualClock ? clock.background : clock;
    const uart = new Uart(own);
    const silicon = openSilicon(options);
    const memory = new Memory();
    this.#board = { silicon, memory, uart, options, clock: own, random };
    this.#clock = clock;
    let life = new AbortController();
    this.pins = new Pins(options.wiring, {
      up: () => {
        silicon.fuses.latch();
        life = new AbortController();
        void this.#live(life.signal);
      },
      down: () => {
        life.abort();
        uart.reset();
        memory.forget();
      },
    });
  }

  /** The flash's cells: a view, not a copy. */
  get flash(): Uint8Array {
    return this.#board.silicon.nor.bytes;
  }

  /** A host plugs in. One at a time: a new one takes the line over. */
  connect(): { wire: Wire; straps: Straps } {
    const { uart, options } = this.#board;
    return { wire: new SimWire(uart, this.#clock, options), straps: strapsOf(this.pins) };
  }

  /** The same for a host that has a UART of its own. `paced`: whether the line takes its time. */
  plug(host: HostUart, paced: boolean): HostLine {
    const { uart, options } = this.#board;
    return new HostLine({ uart, clock: this.#clock, options }, host, paced);
  }

  /** How much was erased, programmed and fused since it was made. */
  get changes(): number {
    const { nor, fuses } = this.#board.silicon;
    return nor.changes + fuses.changes;
  }

  /**
   * Writes the state file, where there is one and something was erased, programmed or fused since.
   *
   * @throws HarnessError SIM_STATE_INVALID when it cannot be written.
   */
  save(): void {
    const { options, silicon } = this.#board;
    const { changes } = this;
    if (options.state === undefined || changes === this.#saved) return;
    saveState(options.state, silicon);
    this.#saved = changes;
  }

  /**
   * Resets by command are part of a life. It ends when power or CHIP_EN goes; any other end of it is a bug and may not
   * pass unseen.
   */
  async #live(signal: AbortSignal): Promise<void> {
    const { uart, memory } = this.#board;
    let toFlash = false;
    for (;;) {
      try {
        return await run(this.#board, !toFlash && (this.pins.boot || memory.asksForRom), signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof Restart)) throw error;
        toFlash = error.toFlash;
        uart.reset();
      }
    }
  }
}
