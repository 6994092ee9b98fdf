import { existsSync, lstatSync, writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { SystemClock } from "../../../harness/base/time.js";
import { SimModule } from "../../../harness/sim/module.js";
import { SimOptions } from "../../../harness/sim/options.js";
import { openSpiSocket } from "../../../harness/sim/port/spi-socket.js";
import { SteadyClock } from "../../../harness/sim/time/steady-clock.js";
import { scratch } from "../../support/scratch.js";

const clock = new SteadyClock(new SystemClock());
const READY_FRAME = "aa550900000000000d0a72656164790d0a000000";

/** A running module, its socket, and the folder of that. */
async function served(options: object = {}) {
  const folder = scratch();
  const quirks = { bannerMs: 152, readyMs: 153 };
  const module = new SimModule(SimOptions.parse({ appLog: false, quirks, ...options }), clock);
  const path = folder.file("spi");
  const socket = await openSpiSocket(path, module, clock, Number.POSITIVE_INFINITY);
  return {
    module,
    path,
    async [Symbol.asyncDispose]() {
      module.pins.set("power", false);
      await socket[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** A host on the socket: lines out, lines in. */
class Client implements Disposable {
  readonly socket: Socket;
  readonly #closed: Promise<void>;
  readonly #lines: string[] = [];
  #held = "";
  #heard: () => void = () => undefined;

  constructor(path: string) {
    this.socket = createConnection(path).setEncoding("latin1");
    this.socket.on("data", (text) => {
      const all = (this.#held + String(text)).split("\n");
      this.#held = all.pop() ?? "";
      this.#lines.push(...all);
      this.#heard();
    });
    this.#closed = new Promise((resolve) => this.socket.on("error", () => resolve()).on("close", () => resolve()));
  }

  say(text: string): void {
    this.socket.write(text);
  }

  async line(): Promise<string> {
    while (this.#lines.length === 0) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
    return this.#lines.shift() ?? "";
  }

  async until(line: string): Promise<void> {
    while ((await this.line()) !== line);
  }

  closed(): Promise<void> {
    return this.#closed;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

test("the level on connecting, and as it changes; a transaction, line by line", async () => {
  await using sim = await served();
  using host = new Client(sim.path);
  expect(await host.line()).toBe("ready 0");
  sim.module.pins.set("chipEn", true);
  expect(await host.line()).toBe("ready 1");
  host.say(`cs 1\nxfer ${"00".repeat(20)}\r\n`);
  expect(await host.line()).toBe(`xfer ${READY_FRAME}`);
  expect(await host.line()).toBe("ready 0");
  host.say("cs 0\ncs 1\n");
  expect(await host.line()).toBe("ready 1");
  host.say("xfer AA55040000000000\nxfer 41540d0a\ncs 0\n");
  const lines = [await host.line(), await host.line(), await host.line()];
  // It falls behind the header: that may be before or behind the next transfer, as soon as this process sees to it.
  expect(lines.filter((line) => line.startsWith("xfer"))).toEqual(["xfer aa55000000000000", "xfer 00000000"]);
  expect(lines).toContain("ready 0");
  await host.until("ready 1");
  host.say(`cs 1\nxfer ${"00".repeat(16)}\n`);
  expect(await host.line()).toBe("xfer aa550600000000000d0a4f4b0d0a0000");
});

test.each([
  "",
  "cs",
  "cs 2",
  "cs 1 1",
  " cs 1",
  "CS 1",
  "xfer",
  "xfer 0",
  "xfer 0g",
  "xfer 00 00",
  "ready 1",
  `xfer ${"00".repeat(8193)}`,
])("mistake %#: told, and the next line counts", async (line) => {
  await using sim = await served();
  using host = new Client(sim.path);
  await host.line();
  host.say(`${line}\ncs 1\nxfer 0000\n`);
  expect(await host.line()).toMatch(/^error expected cs 0, cs 1 or xfer with 1 to 8192 bytes in hex; got ".{0,82}$/);
  expect(await host.line()).toBe("xfer 0000");
});

test("a transfer without CS is a mistake; the longest one is not", async () => {
  await using sim = await served();
  using host = new Client(sim.path);
  await host.line();
  host.say("xfer 00\n");
  expect(await host.line()).toBe("error expected cs 1 before xfer");
  host.say(`cs 1\nxfer ${"00".repeat(8192)}\n`);
  expect(await host.line()).toBe(`xfer ${"00".repeat(8192)}`);
});

test("one host at a time: a second one is told so; when the first goes, CS is released and the next is served", async () => {
  await using sim = await served();
  sim.module.pins.set("chipEn", true);
  using first = new Client(sim.path);
  await first.until("ready 1");
  first.say("cs 1\nxfer 00\n");
  await first.line();
  using second = new Client(sim.path);
  expect(await second.line()).toBe("error another host is connected");
  await second.closed();
  first.socket.destroy();
  await first.closed();
  using third = new Client(sim.path);
  expect(await third.line()).toBe("ready 1");
  third.say("xfer 00\n");
  expect(await third.line()).toBe("error expected cs 1 before xfer");
  third.say(`cs 1\nxfer ${"00".repeat(20)}\n`);
  expect(await third.line()).toBe(`xfer ${READY_FRAME}`);
});

test("an endless line, and a host that reads nothing: little is kept, and the module goes on", async () => {
  await using sim = await served();
  using endless = new Client(sim.path);
  await endless.line();
  endless.say("x".repeat(3_000_000));
  endless.say("\ncs 1\nxfer 01\n");
  expect(await endless.line()).toMatch(/^error expected/);
  expect(await endless.line()).toBe("xfer 00");
  endless.socket.destroy();
  await endless.closed();
  using deaf = new Client(sim.path);
  deaf.socket.pause();
  deaf.say("cs 1\n");
  deaf.say(`xfer ${"00".repeat(8192)}\n`.repeat(300));
  for (let nth = 0; nth < 50; nth++) sim.module.pins.set("chipEn", nth % 2 === 1);
  sim.module.pins.set("chipEn", true);
  while (!sim.module.ready) await clock.sleep(5);
  deaf.socket.resume();
  await deaf.until("ready 1");
});

test("closing ends the connection and removes the socket; a file is not replaced", async () => {
  using folder = scratch();
  const module = new SimModule(SimOptions.parse({}), clock);
  writeFileSync(folder.file("notes"), "keep me");
  const open = (name: string) => openSpiSocket(folder.file(name), module, clock, 10_000_000);
  await expect(open("notes")).rejects.toMatchObject({
    code: "FILE_UNWRITABLE",
    advice: expect.stringContaining("--spi"),
  });
  expect(lstatSync(folder.file("notes")).size).toBe(7);
  const socket = await open("spi");
  await expect(open("spi")).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
  using host = new Client(folder.file("spi"));
  await host.line();
  host.say("cs 1\n");
  await socket[Symbol.asyncDispose]();
  await host.closed();
  expect(existsSync(folder.file("spi"))).toBe(false);
});

test("any lines, cut anywhere and left in the middle: the next host is served", async () => {
  await using sim = await served();
  sim.module.pins.set("chipEn", true);
  while (!sim.module.ready) await clock.sleep(5);
  const line = fc.oneof(
    fc.constantFrom("cs 1\n", "cs 0\n", "xfer aa55000000000000\n", "xfer 00\n", "\n", "xfer"),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 20 }), async (lines) => {
      using host = new Client(sim.path);
      expect(await host.line()).toMatch(/^ready [01]$/);
      for (const each of lines) host.say(each);
      host.say("\ncs 1\nxfer 0102030405\n");
      let last = "";
      while (!/^xfer .{10}$/.test(last)) last = await host.line();
      host.say(lines.join("\n"));
      host.socket.destroy();
      await host.closed();
    }),
    { numRuns: 30 },
  );
});
