import { HarnessError } from "../base/errors.js";
import type { SpiPort } from "../base/spi.js";
import type { Clock } from "../base/time.js";
import type { Straps, Wire } from "../base/wire.js";
import { run } from "./boot/run.js";
import { Faults } from "./faults/faults.js";
import { OrderedFaults } from "./faults/orders.js";
import { HostLine, type HostUart } from "./line/line.js";
import { Uart } from "./line/uart.js";
import { SimWire } from "./line/wire.js";
import type { SimOptions } from "./options.js";
import { Restart } from "./rom/restart.js";
import type { Board } from "./rom/rom.js";
import { Memory } from "./silicon/memory.js";
import { openSilicon, saveState, stampOf } from "./silicon/state.js";
import { SPI_HZ, spiPortTo } from "./spi/port.js";
import { SpiSlave } from "./spi/slave.js";
import { Pins, strapsOf } from "./straps.js";
import { VirtualClock } from "./time/clock.js";
import { hasPassed } from "./time/passed.js";
import { until } from "./time/until.js";

/** Half of what a random function gives is no jitter at all. */
const steady = (): number => 0.5;

/** Why a life ends. Node builds an error for an abort without a reason, twice a cycle. */
const OFF = "off";

/** A simulated ST67W611M1. It outlives its connections, as a module on a bench does. */
export class SimModule {
  readonly #board: Board;
  readonly #clock: Clock;
  /** For who drives the levels themselves; a host takes `connect`. */
  readonly pins: Pins;
  /** For who wants something to go wrong from now on. */
  readonly orders: OrderedFaults;
  readonly #madeMs: number;
  /** Aborts when power or CHIP_EN goes. */
  #life = new AbortController();
  /** Aborts at any reset, and is then no more. */
  #run = new AbortController();
  #saved = 0;
  /** Of the state file, as we read or wrote it. */
  #stamp: string | undefined;

  /**
   * @param random for `flash.jitter`, for faults, and for what a power cut leaves in the flash: from 0 up to 1. Without
   * it nothing varies: the same bits at each cut.
   * @throws HarnessError SIM_STATE_INVALID, FILE_UNREADABLE, RIG_INVALID: see `openSilicon`.
   */
  constructor(given: SimOptions, clock: Clock, random: () => number = steady) {
    const options = { ...given, quirks: { ...given.quirks }, flash: { ...given.flash } };
    const own = clock instanceof VirtualClock ? clock.background : clock;
    const faults = new Faults(options.faults, random, {
      silence: () => uart.silence(),
      cutPower: (ms) => void this.#cutPower(ms),
      reset: () => this.#resetDie(),
    });
    const uart = new Uart(own, faults);
    this.orders = new OrderedFaults(faults, options);
    const silicon = openSilicon(options);
    this.#stamp = stampOf(options.state);
    const memory = new Memory();
    this.#board = { silicon, memory, uart, options, clock: own, random, faults, spi: new SpiSlave() };
    this.#clock = clock;
    this.#madeMs = own.now();
    const chip = {
      up: () => {
        silicon.fuses.latch();
        this.#life = new AbortController();
        void this.#live(this.#life.signal);
        this.#awaitTimes(this.#life.signal);
      },
      down: () => {
        silicon.nor.cut(own.now(), random);
        this.#life.abort(OFF);
        this.#run.abort(OFF);
        this.#board.spi.off();
        uart.reset();
        memory.forget();
      },
      dark: () => uart.forget(),
    };
    this.pins = new Pins(options.wiring, chip, own, options.quirks.resetMinMs);
  }

  /** The level of SPI_RDY. */
  get ready(): boolean {
    return this.#board.spi.ready.level;
  }

  /** @param told of each change of SPI_RDY, until it is disposed. */
  watchReady(told: (ready: boolean) => void): Disposable {
    return this.#board.spi.ready.watch(told);
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

  /** A host plugs into SPI: its clock, and CS, which stays as another host left it. */
  connectSpi({ speedHz = SPI_HZ }: { readonly speedHz?: number } = {}): SpiPort {
    return spiPortTo(this.#board.spi, speedHz);
  }

  /** How much was erased, programmed and fused since it was made. */
  get changes(): number {
    const { nor, fuses } = this.#board.silicon;
    return nor.changes + fuses.changes;
  }

  /**
   * Writes the state file, where there is one and something was erased, programmed or fused since.
   *
   * @throws HarnessError FILE_UNWRITABLE; SIM_STATE_INVALID where somebody else has written it since we did: a module that
   * two masters drive at once.
   */
  save(): void {
    const { options, silicon } = this.#board;
    const { changes } = this;
    if (options.state === undefined || changes === this.#saved) return;
    const stamp = stampOf(options.state);
    if (stamp !== undefined && stamp !== this.#stamp)
      throw new HarnessError(
        "SIM_STATE_INVALID",
        `${options.state}: somebody else has written it since this module was read from it: two drove one module`,
        { advice: "End whoever else uses it: what this module became is not kept, and the file holds the other one." },
      );
    saveState(options.state, silicon);
    this.#saved = changes;
    this.#stamp = stampOf(options.state);
  }

  /**
   * Resets of the die are part of a life. It ends when power or CHIP_EN goes; any other end of it is a bug and may not
   * pass unseen.
   */
  async #live(life: AbortSignal): Promise<void> {
    const { uart, memory, spi } = this.#board;
    for (let toFlash = false; ; ) {
      this.#run = new AbortController();
      const { signal } = this.#run;
      uart.reset();
      spi.reset();
      try {
        const isStrapped = this.#board.options.quirks.bootHoldMs > 0 ? await this.#holdsBoot(signal) : this.#hasBoot;
        await run(this.#board, !toFlash && (isStrapped || memory.asksForRom), signal);
        await until(new Promise<never>(() => undefined), signal);
      } catch (error) {
        if (life.aborted) return;
        if (!(error instanceof Restart)) throw error;
        // What this run has begun beside ends with it.
        this.#run.abort(error);
        toFlash = error.toFlash;
      }
    }
  }

  /** Whether BOOT is high now and has been for long enough. */
  get #hasBoot(): boolean {
    const { clock, options } = this.#board;
    return this.pins.boot && hasPassed(clock, this.pins.bootSinceMs, options.quirks.bootSetupMs);
  }

  /** And stays so for long enough. */
  async #holdsBoot(signal: AbortSignal): Promise<boolean> {
    const { bootSinceMs } = this.pins;
    if (!this.#hasBoot) return false;
    const { clock, options } = this.#board;
    await clock.sleep(options.quirks.bootHoldMs, signal);
    return this.pins.boot && this.pins.bootSinceMs === bootSinceMs;
  }

  /** As a crash does it. The flash is another die: what it has begun it ends. */
  #resetDie(): void {
    this.#board.silicon.nor.finish();
    this.#run.abort(new Restart());
  }

  async #cutPower(ms: number): Promise<void> {
    const over = this.pins.fail();
    try {
      await this.#board.clock.sleep(ms, over);
      this.pins.restore();
    } catch (error) {
      if (!over.aborted) throw error;
    }
  }

  /** A time that comes while the module is off changes nothing. */
  #awaitTimes(life: AbortSignal): void {
    const { clock, faults } = this.#board;
    for (const { ms, come } of faults.timed) {
      const leftMs = this.#madeMs + ms - clock.now();
      if (leftMs >= 0) clock.sleep(leftMs, life).then(come, () => undefined);
    }
  }
}
