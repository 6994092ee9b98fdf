import type { Clock } from "../../base/time.js";
import type { Faults } from "../faults/faults.js";
import { AutoBaud } from "../line/auto-baud.js";
import { Intake } from "../line/intake.js";
import type { Uart } from "../line/uart.js";
import type { SimOptions } from "../options.js";
import type { Quirks } from "../quirks.js";
import type { Memory } from "../silicon/memory.js";
import type { Silicon } from "../silicon/state.js";
import type { SpiSlave } from "../spi/slave.js";
import { until } from "../time/until.js";
import { romHandlers } from "./handlers.js";
import { RomFlash } from "./rom-flash.js";
import { serve } from "./session.js";

/** Between the measured rate and the OK; input is lost. From the sister chips' loaders, as what follows it. */
const PAUSE_MS = 12;
const OK = Uint8Array.of(0x4f, 0x4b);

/** What a module is made of, and what it runs on. */
export interface Board {
  readonly silicon: Silicon;
  readonly memory: Memory;
  readonly uart: Uart;
  readonly options: SimOptions;
  readonly clock: Clock;
  readonly random: () => number;
  readonly faults: Faults;
  readonly spi: SpiSlave;
}

/**
 * The boot ROM, from one reset to the next: measures the rate, says OK, serves a session, and begins again when that
 * has ended. What set-para did and the mapping outlast a session; a write error and the idle time-out do not.
 */
export async function runRom(board: Board, signal: AbortSignal): Promise<never> {
  const { silicon, memory, uart, options, clock, random, faults } = board;
  const { quirks, jedec } = options;
  const take = (ms: number) => clock.sleep(ms, signal);
  using flash = new RomFlash({ nor: silicon.nor, options, clock, random, faults, signal });
  for (;;) {
    await shakeHands(uart, clock, quirks, signal);
    flash.writeError = undefined;
    const patience = { idleMs: quirks.idleMs };
    const intake = new Intake(clock, quirks);
    uart.listen(intake);
    await serve({
      intake,
      handlers: romHandlers({ flash, silicon, memory, uart, patience, quirks, jedec, take, signal }),
      patience,
      quirks,
      faults,
      take,
      say: (bytes) => uart.say(bytes, signal),
      signal,
    });
  }
}

async function shakeHands(uart: Uart, clock: Clock, { settleMs }: Quirks, signal: AbortSignal): Promise<void> {
  const autoBaud = new AutoBaud();
  uart.baud = undefined;
  uart.listen(autoBaud);
  const baud = await until(autoBaud.found, signal);
  uart.listen(undefined);
  uart.baud = baud;
  await clock.sleep(PAUSE_MS, signal);
  await uart.say(OK, signal);
  await clock.sleep(settleMs, signal);
}
