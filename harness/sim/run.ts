import { bannerOf, dumpOf } from "./banner.js";
import { BOOT2_ADDRESS, firmwareAddress, load } from "./boot.js";
import { type Board, runRom } from "./rom.js";

/** boot2 and the application, whatever rate the ROM had. */
const BAUD = 2_000_000;
/** From CHIP_EN until boot2 has judged the firmware: a guess. */
const BOOT2_MS = 150;
/** When nothing boots, boot2 repeats its log at this pace, as its public sources have it. */
const DUMP_MS = 500;

/**
 * What a module does from one reset to the next.
 *
 * @param rom whether BOOT was high at the reset.
 * @throws Restart when a host asks for the next one.
 */
export async function run(board: Board, rom: boolean, signal: AbortSignal): Promise<void> {
  if (rom || !load(board.silicon, BOOT2_ADDRESS, false).ok) return runRom(board, signal);
  const { silicon, uart, clock, options } = board;
  const startMs = clock.now();
  const reach = (ms: number) => clock.sleep(startMs + ms - clock.now(), signal);
  await reach(BOOT2_MS);
  uart.baud = BAUD;
  const say = (text: string) => uart.say(Buffer.from(text, "latin1"), signal);
  const firmware = load(silicon, firmwareAddress(silicon.nor), true);
  if (!firmware.ok) {
    for (;;) {
      await uart.plugged(signal);
      await say(dumpOf(firmware.error));
      await clock.sleep(DUMP_MS, signal);
    }
  }
  if (!options.appLog) return;
  const { bannerMs, readyMs } = options.quirks;
  const { versions, ready } = bannerOf(firmware.body);
  await reach(bannerMs);
  await say(versions);
  await reach(readyMs);
  await say(ready);
}
