import type { SpiPort } from "../../../harness/base/spi.js";
import { Deadline } from "../../../harness/base/time.js";
import { SimModule } from "../../../harness/sim/module.js";
import { SimOptions } from "../../../harness/sim/options.js";
import { VirtualClock } from "../../../harness/sim/time/clock.js";
import { hexOf } from "../host.js";

const PATIENCE_MS = 5000;

/** The header of a host's frame, as it stands on the wire: its payload's length, and its type. */
export const header = (length: number, type = 0, flags = 0): Buffer =>
  Buffer.from([0xaa, 0x55, length & 0xff, length >> 8, flags, type, 0, 0]);

const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, new Uint8Array((4 - (bytes.length % 4)) % 4)]);

/** What came in one transaction: the module's frame as it stands on the wire, and its payload. */
export interface Taken {
  readonly wire: Buffer;
  readonly payload: Buffer;
  readonly isStalled: boolean;
}

/** A host on the module's SPI, as the published ones do it: nothing of ours but the port. */
export class SpiHost {
  readonly clock: VirtualClock;
  readonly module: SimModule;
  readonly spi: SpiPort;

  constructor(options: unknown = {}, random?: () => number) {
    this.clock = new VirtualClock();
    this.module = new SimModule(SimOptions.parse(options), this.clock, random);
    this.spi = this.module.connectSpi();
  }

  /** Up, and `ready` is still to be taken. */
  static async up(options: unknown = {}, random?: () => number): Promise<SpiHost> {
    const host = new SpiHost(options, random);
    host.module.pins.set("chipEn", true);
    await host.clock.sleep(700);
    return host;
  }

  /** Up, and `ready` was taken. */
  static async ready(options: unknown = {}, random?: () => number): Promise<SpiHost> {
    const host = await SpiHost.up(options, random);
    await host.turn();
    return host;
  }

  deadline(ms = 60_000): Deadline {
    return Deadline.in(ms, "the test", this.clock);
  }

  /** @returns whether SPI_RDY has that level within `ms`. */
  async level(ready: boolean, ms = PATIENCE_MS): Promise<boolean> {
    if (this.module.ready === ready) return true;
    let seen: () => void = () => undefined;
    const change = new Promise<void>((resolve) => {
      seen = resolve;
    });
    using _ = this.module.watchReady((level) => level === ready && seen());
    return await this.deadline(ms)
      .race(change)
      .then(
        () => true,
        () => false,
      );
  }

  select(selected: boolean): Promise<void> {
    return this.spi.select(selected, this.deadline());
  }

  async xfer(mosi: Uint8Array): Promise<Buffer> {
    return Buffer.from(await this.spi.transfer(mosi, this.deadline()));
  }

  /** One transaction. @param frame the host's, header included. */
  async turn(frame: Uint8Array = header(0)): Promise<Taken> {
    await this.select(true);
    if (!(await this.level(true))) throw new Error("SPI_RDY does not rise");
    const mosi = padded(frame);
    let wire = await this.xfer(mosi);
    const length = wire.readUInt16LE(2);
    if (8 + length > mosi.length)
      wire = Buffer.concat([wire, await this.xfer(padded(new Uint8Array(8 + length - mosi.length)))]);
    if (!(await this.level(false))) throw new Error("SPI_RDY does not fall");
    await this.select(false);
    return { wire, payload: wire.subarray(8, 8 + length), isStalled: ((wire[4] ?? 0) & 4) !== 0 };
  }

  /** @returns the payloads that wait, until none comes for `quietMs`. */
  async take(quietMs = 50): Promise<Buffer[]> {
    const all: Buffer[] = [];
    while (await this.level(true, quietMs)) all.push((await this.turn()).payload);
    return all;
  }

  async say(text: string | Uint8Array, type = 0): Promise<Taken> {
    const bytes = Buffer.from(text as string, "latin1");
    return this.turn(Buffer.concat([header(bytes.length, type), bytes]));
  }

  /** Sends a command. @returns all that comes, as text. */
  async ask(command: string, quietMs = 50): Promise<string> {
    const { payload } = await this.say(`${command}\r\n`);
    return Buffer.concat([payload, ...(await this.take(quietMs))]).toString("latin1");
  }

  /** Sends an update in chunks, and what ends it. @returns the last answer. */
  async update(file: Uint8Array, chunkBytes = 4096): Promise<string> {
    let answer = await this.ask("AT+OTASTART=1");
    for (let at = 0; at < file.length; ) {
      const chunk = file.subarray(at, at + (at === 0 ? 512 : chunkBytes));
      answer = await this.ask(`AT+OTASEND=${chunk.length}`);
      if (!answer.endsWith(">")) return answer;
      for (let sent = 0; sent < chunk.length; sent += 1520) await this.say(chunk.subarray(sent, sent + 1520));
      answer = Buffer.concat(await this.take(200)).toString("latin1");
      if (!answer.startsWith(`Recv ${chunk.length} bytes\r\n`)) return answer;
      at += chunk.length;
    }
    return this.ask("AT+OTAFIN", 300);
  }
}

export { hexOf };
