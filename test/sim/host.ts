import { Deadline } from "../../harness/base/time.js";
import type { Straps, Wire } from "../../harness/base/wire.js";
import { SimModule } from "../../harness/sim/module.js";
import { SimOptions } from "../../harness/sim/options.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";

export const SYNC_BYTE = 0x55;
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** A host without any knowledge of the protocol: hex digits in, hex digits out, and two lines. */
export class Host {
  readonly clock: VirtualClock;
  readonly module: SimModule;
  readonly wire: Wire;
  readonly #straps: Straps;

  constructor(options: unknown = {}, random?: () => number) {
    this.clock = new VirtualClock();
    this.module = new SimModule(SimOptions.parse(options), this.clock, random);
    ({ wire: this.wire, straps: this.#straps } = this.module.connect());
  }

  static async inRom(options: unknown = {}, random?: () => number): Promise<Host> {
    const host = new Host(options, random);
    await host.strap(true);
    return host;
  }

  /** In a session, the flash set up. */
  static async inSession(options: unknown = {}, random?: () => number): Promise<Host> {
    const host = await Host.inRom(options, random);
    await host.sync();
    await host.expect("3b4f040008410101", "4f4b");
    return host;
  }

  deadline(ms = 200_000): Deadline {
    return Deadline.in(ms, "the test", this.clock);
  }

  async set(line: "boot" | "chipEn" | "power", asserted: boolean): Promise<void> {
    await this.#straps.set(line, asserted, this.deadline());
  }

  async strap(boot: boolean): Promise<void> {
    await this.set("boot", boot);
    await this.set("chipEn", false);
    await this.clock.sleep(100);
    await this.set("chipEn", true);
  }

  /** @returns what came until the line had been quiet for `quietMs`. */
  async listen(quietMs = 50): Promise<string> {
    let heard = "";
    for (;;) {
      try {
        heard += hexOf(await this.wire.read(this.deadline(quietMs)));
      } catch {
        return heard;
      }
    }
  }

  async send(frame: string | Uint8Array): Promise<void> {
    await this.wire.write(typeof frame === "string" ? Buffer.from(frame, "hex") : frame, this.deadline());
  }

  async ask(frame: string | Uint8Array, quietMs = 50): Promise<string> {
    await this.send(frame);
    return this.listen(quietMs);
  }

  async expect(frame: string, answer: string, quietMs = 50): Promise<void> {
    const heard = await this.ask(frame, quietMs);
    if (heard !== answer) throw new Error(`${frame.slice(0, 40)}: expected ${answer}, heard ${heard}`);
  }

  sync(bytes = 300): Promise<string> {
    return this.ask(new Uint8Array(bytes).fill(SYNC_BYTE));
  }

  /** What the module prints at 2 MBd within `ms`. */
  async text(ms: number): Promise<string> {
    await this.wire.setBaud(2_000_000, this.deadline());
    await this.clock.sleep(ms);
    return Buffer.from(await this.listen(0.001), "hex").toString("latin1");
  }
}

/** A whole frame with its checksum. */
export function frame(opcode: number, payload: Uint8Array): Uint8Array {
  const length = [payload.length & 0xff, payload.length >> 8];
  const sum = [...length, ...payload].reduce((all, byte) => all + byte, 0);
  return Uint8Array.from([opcode, sum & 0xff, ...length, ...payload]);
}

export function words(...values: readonly number[]): Uint8Array {
  const out = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => {
    out.writeUInt32LE(value, 4 * index);
  });
  return out;
}
