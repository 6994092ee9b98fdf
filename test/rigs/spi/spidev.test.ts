import { expect, test } from "@jest/globals";
import type { SpiDevice, SpiMessage, SpiOptions } from "spi-device";
import { Deadline, SystemClock } from "../../../harness/base/time.js";
import { VirtualClock } from "../../../harness/sim/time/clock.js";
import { openSpidev, type SpiPackage } from "../../../rigs/spi/spidev.js";

type Done = (error?: Error | null) => void;
type Fails = Partial<Record<"open" | "noChipSelect" | "maxSpeedHz" | "transfer", string>>;

const errno = (code: string) => Object.assign(new Error(`${code}: as the system says it`), { code });

/** The package spi-device, whose calls are written down; what it receives is what it was sent, turned round. */
function fakePackage(fails: Fails = {}) {
  const calls: string[] = [];
  const held: Done[] = [];
  let holds = false;
  const end = (code: string | undefined, done: Done) =>
    process.nextTick(() => done(code === undefined ? null : errno(code)));
  const device = {
    setOptions(options: SpiOptions, done: Done) {
      calls.push(`set ${JSON.stringify(options)}`);
      end("noChipSelect" in options ? fails.noChipSelect : fails.maxSpeedHz, done);
    },
    transfer(message: SpiMessage, done: Done) {
      const [{ byteLength, sendBuffer, receiveBuffer } = { byteLength: 0 }] = message;
      calls.push(`transfer ${byteLength}`);
      for (const [at, byte] of (sendBuffer ?? []).entries()) receiveBuffer?.writeUInt8(byte ^ 0xff, at);
      if (holds) held.push(done);
      else end(fails.transfer, done);
    },
    close(done: Done) {
      calls.push("close");
      end(undefined, done);
    },
  };
  const load = async (): Promise<SpiPackage> => ({
    open(bus, number, options, done) {
      calls.push(`open ${bus} ${number} ${JSON.stringify(options)}`);
      end(fails.open, done);
      return device as unknown as SpiDevice;
    },
  });
  return {
    calls,
    load,
    hold: () => {
      holds = true;
    },
    release: () => {
      holds = false;
      for (const done of held.splice(0)) done();
    },
  };
}

function bench(fails: Fails = {}, path = "/dev/spidev0.0", real = (path: string) => path) {
  const clock = new VirtualClock();
  const soon = () => Deadline.in(60_000, "the test", clock);
  const fake = fakePackage(fails);
  const select = async (selected: boolean) => void fake.calls.push(`cs ${selected ? 1 : 0}`);
  const open = () => openSpidev({ path, speedHz: 20_000_000, select }, soon(), { load: fake.load, real });
  return { ...fake, clock, soon, open };
}

const OPEN =
  'open 0 0 {"mode":0,"chipSelectHigh":false,"lsbFirst":false,"threeWire":false,"loopback":false,"ready":false,"bitsPerWord":8}';
const SETTINGS = [OPEN, 'set {"noChipSelect":true}', 'set {"maxSpeedHz":20000000}'];

test("opened, selected, transferred and closed by the package's own calls; a long transfer is cut for the kernel, CS is not", async () => {
  const { calls, soon, open } = bench();
  const spi = await open();
  expect(calls.splice(0)).toEqual(SETTINGS);
  await spi.select(true, soon());
  const sent = Uint8Array.from({ length: 8192 }, (_, at) => at % 251);
  expect(await spi.transfer(sent, soon())).toEqual(Buffer.from(sent.map((byte) => byte ^ 0xff)));
  await spi.transfer(Uint8Array.of(1), soon());
  await spi.select(false, soon());
  await spi[Symbol.asyncDispose]();
  expect(calls).toEqual(["cs 1", "transfer 4096", "transfer 4096", "transfer 1", "cs 0", "cs 0", "close"]);
});

test.each([0, 8193])("a transfer of %d bytes is none", async (bytes) => {
  const { calls, soon, open } = bench();
  await using spi = await open();
  await expect(spi.transfer(new Uint8Array(bytes), soon())).rejects.toMatchObject({ code: "INTERNAL" });
  expect(calls).toEqual(SETTINGS);
});

test("a link leads to its device; anything else is none", async () => {
  const { calls, open } = bench({}, "/dev/module", () => "/dev/spidev10.1");
  await using _ = await open();
  expect(calls[0]).toMatch(/^open 10 1 /);
  await expect(bench({}, "/dev/module", () => "/dev/null").open()).rejects.toMatchObject({
    code: "SPI_FAILED",
    message: "/dev/module: expected a device /dev/spidevB.D of the kernel's SPI; it leads to /dev/null",
  });
});

test("an SPI that knows no noChipSelect, as a Raspberry Pi 5's, is used without", async () => {
  const { calls, soon, open } = bench({ noChipSelect: "EINVAL" });
  await using spi = await open();
  expect(calls).toEqual(SETTINGS);
  await spi.transfer(Uint8Array.of(1), soon());
});

test.each<[Fails, RegExp, RegExp]>([
  [{ open: "ENOENT" }, /^\/dev\/spidev0\.0: there is no such SPI device$/, /dtoverlay=spi0-0cs/],
  [{ open: "EACCES" }, /this user may not read and write it; members of the group spi may/, /usermod -aG spi/],
  [{ open: "EIO" }, /^\/dev\/spidev0\.0: opening it: EIO: as the system says it$/, /doctor/],
  [{ noChipSelect: "EIO" }, /setting its mode: EIO/, /doctor/],
  [{ maxSpeedHz: "EINVAL" }, /expected a clock of 20000000 Hz; the system said: EINVAL/, /Lower spi\.speedHz/],
])("what the system says is told in our words, and nothing stays open: %j", async (fails, message, advice) => {
  const { calls, open } = bench(fails);
  const error = await open().then(
    () => undefined,
    (error) => error,
  );
  expect(error).toMatchObject({ code: "SPI_FAILED", blame: "rig", message: expect.stringMatching(message) });
  expect(error.advice).toMatch(advice);
  expect(calls.at(-1)).toBe(fails.open === undefined ? "close" : OPEN);
});

test("the package is missing: told with what to install", async () => {
  const { soon } = bench();
  const load = async (): Promise<never> => {
    throw new Error("Cannot find package 'spi-device'\nand more");
  };
  const settings = { path: "/dev/spidev0.0", speedHz: 1, select: async () => undefined };
  await expect(openSpidev(settings, soon(), { load, real: (path) => path })).rejects.toMatchObject({
    code: "DRIVER_MISSING",
    message: "the package spi-device cannot be loaded: Cannot find package 'spi-device'",
    advice: expect.stringContaining("npm install spi-device"),
  });
});

test("the device that is not there, by the real package", async () => {
  const settings = { path: "/dev/spidev98.76", speedHz: 1, select: async () => undefined };
  const missing = { code: "SPI_FAILED", message: "/dev/spidev98.76: there is no such SPI device" };
  const soon = () => Deadline.in(60_000, "the test", new SystemClock());
  await expect(openSpidev(settings, soon())).rejects.toMatchObject(missing);
  await expect(openSpidev(settings, soon(), { real: (path) => path })).rejects.toMatchObject(missing);
});

test("a transfer that fails is told; one that hangs is given up, the next one waits for it, and so does the closing", async () => {
  const failing = bench({ transfer: "EMSGSIZE" });
  await using broken = await failing.open();
  await expect(broken.transfer(Uint8Array.of(1), failing.soon())).rejects.toMatchObject({
    code: "SPI_FAILED",
    message: "/dev/spidev0.0: a transfer of 1 bytes: EMSGSIZE: as the system says it",
  });

  const { calls, hold, release, soon, open } = bench();
  const spi = await open();
  hold();
  await expect(spi.transfer(Uint8Array.of(1), soon())).rejects.toMatchObject({
    code: "SPI_FAILED",
    message: expect.stringContaining("a transfer of 1 bytes took longer than 1000 ms"),
  });
  await expect(spi.transfer(Uint8Array.of(1, 2), soon())).rejects.toMatchObject({ code: "SPI_FAILED" });
  await spi[Symbol.asyncDispose]();
  expect(calls.slice(3)).toEqual(["transfer 1", "cs 0"]);
  release();
  await new Promise((done) => setImmediate(done));
  expect(calls.slice(5)).toEqual(["close"]);
});

test("a device that opens after its time is closed", async () => {
  const { clock, calls, load } = bench();
  const abort = new AbortController();
  const deadline = Deadline.in(60_000, "the test", clock, abort.signal);
  const settings = { path: "/dev/spidev0.0", speedHz: 1, select: async () => undefined };
  const opening = openSpidev(settings, deadline, { load, real: (path) => path });
  while (calls.length === 0) await Promise.resolve();
  abort.abort(new Error("called off"));
  await expect(opening).rejects.toThrow("called off");
  while (calls.length === 1) await new Promise((done) => setImmediate(done));
  expect(calls).toEqual([OPEN, "close"]);
});
