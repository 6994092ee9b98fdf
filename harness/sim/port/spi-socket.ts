import { once } from "node:events";
import type { Socket } from "node:net";
import type { SpiPort } from "../../base/spi.js";
import { type Clock, Deadline } from "../../base/time.js";
import { TRANSFER_BYTES } from "../spi/port.js";
import { listenAt } from "./unix-socket.js";

/** The module's SPI, as a socket needs it. */
export interface SpiModule {
  readonly ready: boolean;
  connectSpi(options: { readonly speedHz?: number }): SpiPort;
  watchReady(told: (ready: boolean) => void): Disposable;
}

/** `xfer` with as many bytes as a transfer has. */
const LONGEST = 5 + 2 * TRANSFER_BYTES;
/** Of a mistake is told so much. */
const QUOTED = 80;
/** So long, in ms, a client that has gone may still be at its last lines before the next one is sent away. */
const GONE_MS = 500;
/** A transfer takes a few milliseconds at most: this is no wait, but what its deadline must have. */
const TRANSFER_MS = 10_000;

/**
 * The module's SPI on a Unix socket, a line a message: `cs 0`, `cs 1` and `xfer HEX` from the host, `xfer HEX`, `ready 0`,
 * `ready 1` and `error TEXT` to it. One client at a time: a second one is told so. One that goes lets go of CS.
 *
 * @param speedHz infinite: transfers take no time.
 * @throws HarnessError FILE_UNWRITABLE as `listenAt`.
 */
export function openSpiSocket(
  path: string,
  module: SpiModule,
  clock: Clock,
  speedHz: number,
): Promise<AsyncDisposable> {
  let serving: Promise<void> | undefined;
  const accept = async (client: Socket) => {
    if (serving !== undefined) {
      const over = new AbortController();
      await Promise.race([serving, clock.sleep(GONE_MS, over.signal).catch(() => undefined)]);
      over.abort("over");
    }
    if (serving !== undefined) {
      client.resume().end("error another host is connected\n", () => client.destroy());
      return;
    }
    serving = serve(client, module, clock, speedHz).finally(() => {
      serving = undefined;
    });
    await serving;
  };
  return listenAt({ path, option: "--spi", what: "the SPI socket" }, (client) => {
    client.on("error", () => client.destroy());
    void accept(client);
  });
}

/** Who does not read is not heard any further, and is told the last level alone once it reads again. */
async function serve(client: Socket, module: SpiModule, clock: Clock, speedHz: number): Promise<void> {
  const gone = new AbortController();
  client.on("close", () => gone.abort());
  const host = new SocketHost(module.connectSpi({ speedHz }), clock);
  let told: boolean | undefined;
  // What a transfer makes SPI_RDY do is told behind what it brought, however late this process is.
  let isAnswering = false;
  const tell = () => {
    if (isAnswering || told === module.ready || client.writableNeedDrain) return;
    told = module.ready;
    client.write(`ready ${told ? 1 : 0}\n`);
  };
  using _ = module.watchReady(tell);
  client.on("drain", tell);
  tell();
  try {
    for await (const line of linesOf(client)) {
      isAnswering = true;
      const answer = await host.obey(line);
      isAnswering = false;
      if (answer !== undefined && !client.write(`${answer}\n`)) await once(client, "drain", { signal: gone.signal });
      tell();
    }
  } catch (error) {
    if (!gone.signal.aborted && !client.destroyed) throw error;
  } finally {
    client.destroy();
    await host.leave();
  }
}

/** A line without an end is not obeyed; of an endless one little is kept. */
async function* linesOf(client: Socket): AsyncGenerator<string> {
  let held = "";
  for await (const text of client.setEncoding("latin1")) {
    const lines = (held + String(text)).split("\n");
    held = (lines.pop() ?? "").slice(0, LONGEST + 2);
    for (const line of lines) yield line.replace(/\r$/, "");
  }
}

class SocketHost {
  readonly #spi: SpiPort;
  readonly #clock: Clock;
  #selected = false;

  constructor(spi: SpiPort, clock: Clock) {
    this.#spi = spi;
    this.#clock = clock;
  }

  /** @returns what is answered, if anything is. */
  async obey(line: string): Promise<string | undefined> {
    const [, level] = /^cs ([01])$/.exec(line) ?? [];
    if (level !== undefined) {
      this.#selected = level === "1";
      await this.#spi.select(this.#selected, this.#deadline());
      return undefined;
    }
    const [, hex] = line.length > LONGEST ? [] : (/^xfer ((?:[0-9a-fA-F]{2})+)$/.exec(line) ?? []);
    if (hex === undefined)
      return `error expected cs 0, cs 1 or xfer with 1 to 8192 bytes in hex; got ${JSON.stringify(line.slice(0, QUOTED))}`;
    if (!this.#selected) return "error expected cs 1 before xfer";
    const miso = await this.#spi.transfer(Buffer.from(hex, "hex"), this.#deadline());
    return `xfer ${Buffer.from(miso).toString("hex")}`;
  }

  /** Its line to CS goes low with it. */
  leave(): Promise<void> {
    return this.#spi.select(false, this.#deadline());
  }

  #deadline(): Deadline {
    return Deadline.in(TRANSFER_MS, "a transfer", this.#clock);
  }
}
