import { serveAt } from "../at/serve.js";
import type { Board } from "../rom/rom.js";
import { FactoryTransport } from "../spi/factory.js";
import type { SpiEnd } from "../spi/slave.js";
import { until } from "../time/until.js";
import { bannerOf } from "./banner.js";
import { leaveForRom, Phrase } from "./isp.js";

/**
 * The application: a banner on its UART, then AT on its SPI. A manufacturing image has no AT.
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
  const at = (ms: number) => clock.sleep(startMs + ms - clock.now(), signal);
  const print = async (text: string) => {
    if (options.appLog) await uart.say(Buffer.from(text, "latin1"), signal);
  };
  const console = async () => {
    await print(ready);
    if (!mission || !applicationIsp) return;
    const phrase = new Phrase();
    uart.listen(phrase);
    await until(phrase.heard, signal);
    await leaveForRom(board, signal);
  };
  await at(bannerMs);
  await print(versions);
  await at(readyMs);
  await Promise.all([mission ? serveHost(board, body, signal) : raise(board), console()]);
}

async function serveHost(board: Board, body: Uint8Array, signal: AbortSignal): Promise<void> {
  const { options, clock, spi } = board;
  const { ncp } = options;
  if (ncp.transport === "current") return serveAt(board, body, signal);
  spi.start(new FactoryTransport({ ncp, clock, pin: spi.ready, signal }));
}

/** Its SPI is set up, and says and hears nothing: a guess. */
const MUTE: SpiEnd = { select: () => undefined, open: () => false, clock: (mosi) => new Uint8Array(mosi.length) };

function raise({ spi, options }: Board): void {
  spi.start(MUTE);
  if (options.ncp.mfgReady && options.ncp.ready !== "never") spi.ready.set(true);
}
