import type { Board } from "../rom/rom.js";
import { until } from "../time/until.js";
import { bannerOf } from "./banner.js";
import { leaveForRom, Phrase } from "./isp.js";

/**
 * The application, as far as its UART shows it: a banner, then silence.
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
  const { uart, clock, options } = board;
  const { bannerMs, readyMs, applicationIsp } = options.quirks;
  const { versions, ready, mission } = bannerOf(body);
  const printAt = async (ms: number, text: string) => {
    await clock.sleep(startMs + ms - clock.now(), signal);
    if (options.appLog) await uart.say(Buffer.from(text, "latin1"), signal);
  };
  await printAt(bannerMs, versions);
  await printAt(readyMs, ready);
  if (!mission || !applicationIsp) return;
  const phrase = new Phrase();
  uart.listen(phrase);
  await until(phrase.heard, signal);
  await leaveForRom(board, signal);
}
