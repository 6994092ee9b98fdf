import type { Board } from "../rom/rom.js";
import { until } from "../time/until.js";
import { bannerOf } from "./banner.js";
import { leaveForRom, Phrase } from "./isp.js";

/**
 * The application, as far as its UART and SPI_RDY show it: a banner, then silence. An mfg image raises SPI_RDY, too: a guess.
 *
 * @param startMs when the die was reset.
 * @throws Restart when a host sent it into the ROM.
 */
export async function runApplication(
  board: Board,
  body: Uint8Array,
  startMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { uart, clock, options, spi } = board;
  const { bannerMs, readyMs, applicationIsp } = options.quirks;
  const { versions, ready, mission } = bannerOf(body);
  const at = (ms: number) => clock.sleep(startMs + ms - clock.now(), signal);
  const print = async (text: string) => {
    if (options.appLog) await uart.say(Buffer.from(text, "latin1"), signal);
  };
  await at(bannerMs);
  await print(versions);
  await at(readyMs);
  spi.ready.set(true);
  await print(ready);
  if (!mission || !applicationIsp) return;
  const phrase = new Phrase();
  uart.listen(phrase);
  await until(phrase.heard, signal);
  await leaveForRom(board, signal);
}
