import { expect, test } from "@jest/globals";
import type { HostLine, HostUart } from "../../../harness/sim/line/line.js";
import { SimModule } from "../../../harness/sim/module.js";
import { SimOptions } from "../../../harness/sim/options.js";
import { VirtualClock } from "../../../harness/sim/time/clock.js";
import { frame, hexOf, words } from "../host.js";

const BOOT_INFO = "10000000";
const SET_PARA = "3b4f040008410101";

/** A host with a UART of its own on a line that takes no time. */
class Plugged implements HostUart {
  readonly clock = new VirtualClock();
  readonly module: SimModule;
  baud = 500_000;
  readonly #line: HostLine;
  #heard = "";

  constructor(options: unknown = {}) {
    this.module = new SimModule(SimOptions.parse(options), this.clock);
    this.#line = this.module.plug(this, false);
    this.module.pins.set("boot", true);
    this.module.pins.set("chipEn", true);
  }

  receive(bytes: Uint8Array): void {
    this.#heard += hexOf(bytes);
  }

  async send(hex: string): Promise<void> {
    await this.#line.send(Buffer.from(hex, "hex"), (ms) => this.clock.sleep(ms));
  }

  /** @returns what came within `ms`. */
  async ask(hex: string, ms = 50): Promise<string> {
    this.#heard = "";
    await this.send(hex);
    await this.clock.sleep(ms);
    return this.#heard;
  }

  static async inSession(options: unknown = {}): Promise<Plugged> {
    const host = new Plugged(options);
    expect(await host.ask("55".repeat(300))).toBe("4f4b");
    return host;
  }
}

test("a burst takes no time, and its rate is measured all the same", async () => {
  const host = new Plugged();
  host.baud = 230_400;
  await host.send("55".repeat(100_000));
  expect(host.clock.now()).toBe(0);
  await host.clock.sleep(13.5);
  expect(await host.ask(SET_PARA, 9.1)).toBe("4f4b");
});

test("the module's own times stay: OK after the pause, set-para after its 9 ms, pages after theirs", async () => {
  const host = await Plugged.inSession({ contents: "blank" });
  expect(await host.ask(SET_PARA, 8.9)).toBe("");
  await host.clock.sleep(0.2);
  const page = hexOf(frame(0x31, Uint8Array.from([...words(0), ...new Uint8Array(4096)])));
  expect(await host.ask(page, 16 * 0.7)).toBe("");
  expect(await host.ask("", 0.2)).toBe("4f4b");
});

test("a command right behind a long one's answer is heard: the long one was over when it came", async () => {
  const host = await Plugged.inSession({ contents: "blank", flash: { pageMs: 0 } });
  await host.ask(SET_PARA);
  const page = hexOf(frame(0x31, Uint8Array.from([...words(0), ...new Uint8Array(4096)])));
  expect(await host.ask(page, 0.2)).toBe("4f4b");
  expect(await host.ask(BOOT_INFO)).toMatch(/^4f4b1c00/);
});

test("what came before the ROM listens is lost, and so is what comes within a packet's wake", async () => {
  const host = new Plugged();
  await host.send("55".repeat(300));
  await host.clock.sleep(5);
  expect(await host.ask(BOOT_INFO)).toBe("4f4b");
  expect(await host.ask(BOOT_INFO + BOOT_INFO)).toMatch(/^4f4b1c00.{56}$/);
});

test.each([115_200, 1_000_000, 2_000_000])(
  "a host at %d Bd in a session at 500 000: garbage both ways",
  async (baud) => {
    const host = await Plugged.inSession();
    await host.send(BOOT_INFO);
    host.baud = baud;
    const heard = await host.ask("");
    expect(heard).not.toBe("");
    expect(heard).not.toContain("4f4b1c00");
    expect(await host.ask(BOOT_INFO.repeat(3))).toBe("");
  },
);

test.each<[string, unknown, number]>([
  ["a host that hung up", {}, 0],
  ["an adapter below the rate", { link: { maxBaud: 400_000 } }, 500_000],
  ["TX and RX swapped", { wiring: { txRx: "swapped" } }, 500_000],
])("%s: nothing gets through, either way", async (_, options, baud) => {
  const host = new Plugged(options);
  host.baud = baud;
  expect(await host.ask("55".repeat(300))).toBe("");
  host.module.pins.set("chipEn", false);
  host.module.pins.set("boot", false);
  host.module.pins.set("chipEn", true);
  expect(await host.ask("", 1000)).toBe("");
});

test("faults are the same on a line that takes no time", async () => {
  const faults = [
    { at: { byte: 300, dir: "host" }, do: "delay", forMs: 70 },
    { at: { byte: 2, dir: "module" }, do: "drop" },
    { at: { command: "getBootInfo" }, do: "cutPower", forMs: 20 },
  ];
  const host = await Plugged.inSession({ contents: "blank", faults });
  expect(await host.ask(SET_PARA, 78)).toBe("");
  expect(await host.ask("", 2)).toBe("4b");
  expect(await host.ask(BOOT_INFO, 19)).toBe("");
  expect(await host.ask("55".repeat(300))).toBe("");
  expect(await host.ask("55".repeat(300))).toBe("4f4b");
});
