import type { Board } from "../rom/rom.js";
import { dumpOf } from "./banner.js";
import { type Loaded, load } from "./boot.js";
import { expandUpdate } from "./expand.js";
import { APPLICATION_BAUD, Fifo, leaveForRom } from "./isp.js";
import { firmwareAddress } from "./tables.js";

/** From CHIP_EN until boot2 has set up its UART: a guess. */
const UART_MS = 50;
/** From CHIP_EN until boot2 has judged the firmware and polls its UART: a guess. */
const JUDGED_MS = 150;
/** When nothing boots, boot2 repeats its log at this pace, as its public source has it. */
const FAILED_MS = 500;

interface Started {
  readonly body: Uint8Array;
  readonly expandingMs: number;
}

/**
 * boot2: judges the firmware, and looks once whether a host wants the ROM instead. When it has nothing to start, it
 * prints its log and looks again, for ever.
 *
 * @param startMs when the die was reset.
 * @returns the body of the application that it starts, and how much later than usual that is: an update was expanded.
 * @throws Restart when a host asked for the ROM.
 */
export async function runBoot2(board: Board, startMs: number, signal: AbortSignal): Promise<Started> {
  const { uart, clock, options } = board;
  const fifo = new Fifo();
  const poll = async () => {
    if (fifo.poll()) await leaveForRom(board, signal);
  };
  await clock.sleep(startMs + UART_MS - clock.now(), signal);
  uart.baud = APPLICATION_BAUD;
  if (options.quirks.boot2Isp) uart.listen(fifo);
  await clock.sleep(startMs + JUDGED_MS - clock.now(), signal);
  const beforeMs = clock.now();
  await expandUpdate(board, signal);
  const expandingMs = clock.now() - beforeMs;
  const firmware = found(board);
  await poll();
  while (!firmware.ok) {
    await uart.plugged(signal);
    await uart.say(Buffer.from(dumpOf(firmware.error), "latin1"), signal);
    await clock.sleep(FAILED_MS, signal);
    await poll();
  }
  uart.listen(undefined);
  return { body: firmware.body, expandingMs };
}

function found({ silicon, options }: Board): Loaded {
  const address = firmwareAddress(silicon.nor, options.quirks);
  return address === undefined ? { ok: false, error: "allInvalid" } : load(silicon, address, true);
}
