import { realpathSync } from "node:fs";
import type { SpiDevice, SpiOptions } from "spi-device";
import { Cleanup } from "../../harness/base/cleanup.js";
import { HarnessError } from "../../harness/base/errors.js";
import type { SpiPort } from "../../harness/base/spi.js";
import { type Clock, Deadline } from "../../harness/base/time.js";
import { messageOf } from "../serial/port-trouble.js";
import { codeOf, failed, INSTALL, speedRefused, spiError } from "./trouble.js";

/** As much as the kernel takes at once: spidev's `bufsiz`, unless it was loaded with another. */
const KERNEL_BYTES = 4096;
const LONGEST_BYTES = 8192;
/** The kernel gives a transfer up by itself: after twice its time on the wires, and a little. */
const PATIENCE_MS = 1000;
/** Lines that are ours follow in a moment. */
const SELECT_MS = 500;

/** Chip select idles low by our own line; without `noChipSelect` the kernel moves the pin that it holds to be one. */
const MODE: SpiOptions = {
  ...{ mode: 0, chipSelectHigh: false, lsbFirst: false, threeWire: false, loopback: false, ready: false },
  bitsPerWord: 8,
};

type Done = (error: Error | null | undefined) => void;

/** What is used of the package `spi-device`. */
export interface SpiPackage {
  open(bus: number, device: number, options: SpiOptions, done: Done): SpiDevice;
}

export interface SpidevSettings {
  readonly path: string;
  readonly speedHz: number;
  readonly select: SpiPort["select"];
}

/** What a device is reached through; a test brings its own. */
export interface SpidevReach {
  readonly load?: () => Promise<SpiPackage>;
  /** Follows links. */
  readonly real?: (path: string) => string;
}

/**
 * Opens an SPI device of the kernel by the package spi-device, whose native code is loaded here and not before.
 *
 * @throws HarnessError DRIVER_MISSING; SPI_FAILED, of which the message and the advice tell what is missing.
 */
export async function openSpidev(
  { path, speedHz, select }: SpidevSettings,
  deadline: Deadline,
  { load = loadPackage, real = realpathSync }: SpidevReach = {},
): Promise<SpiPort & AsyncDisposable> {
  const [bus, device] = numbersOf(path, real);
  const { open } = await loaded(load);
  deadline.signal.throwIfAborted();
  const opening = new Promise<SpiDevice>((resolve, reject) => {
    const opened: SpiDevice = open(bus, device, MODE, (error) =>
      error ? reject(spiError(path, "opening it", error)) : resolve(opened),
    );
  });
  await using undo = new Cleanup();
  const port = undo.use(new SpidevPort({ path, speedHz, select }, await kept(opening, deadline), deadline.clock));
  await port.setUp(deadline);
  undo.move();
  return port;
}

async function loadPackage(): Promise<SpiPackage> {
  return (await import("spi-device")).default;
}

async function loaded(load: () => Promise<SpiPackage>): Promise<SpiPackage> {
  try {
    return await load();
  } catch (cause) {
    const why = messageOf(cause).split("\n")[0];
    throw new HarnessError("DRIVER_MISSING", `the package spi-device cannot be loaded: ${why}`, {
      cause,
      advice: INSTALL,
    });
  }
}

/** The package knows devices by their numbers; a link of udev's has none. */
function numbersOf(path: string, follow: (path: string) => string): [bus: number, device: number] {
  let real: string;
  try {
    real = follow(path);
  } catch (cause) {
    throw spiError(path, "looking it up", cause);
  }
  const [, bus, device] = /^\/dev\/spidev(\d{1,9})\.(\d{1,9})$/.exec(real) ?? [];
  if (bus !== undefined && device !== undefined) return [Number(bus), Number(device)];
  const found = real === path ? "" : `; it leads to ${real}`;
  throw failed(`${path}: expected a device /dev/spidevB.D of the kernel's SPI${found}`, undefined, "Correct spi.path.");
}

/** A device that opens after all is closed. */
async function kept(opening: Promise<SpiDevice>, deadline: Deadline): Promise<SpiDevice> {
  try {
    return await deadline.race(opening);
  } catch (error) {
    void opening.then(
      (device) => device.close(() => undefined),
      () => undefined,
    );
    throw error;
  }
}

class SpidevPort implements SpiPort, AsyncDisposable {
  readonly #path: string;
  readonly #speedHz: number;
  readonly #device: SpiDevice;
  readonly #clock: Clock;
  readonly select: SpiPort["select"];
  /** The kernel's part of what was last asked of it, which nobody may be waiting for any more. */
  #work: Promise<unknown> = Promise.resolve();
  #isWorking = false;

  constructor({ path, speedHz, select }: SpidevSettings, device: SpiDevice, clock: Clock) {
    this.#path = path;
    this.#speedHz = speedHz;
    this.#device = device;
    this.#clock = clock;
    this.select = select;
  }

  /** One by one: the kernel says EINVAL to whichever it does not like. A Raspberry Pi 5's SPI knows no `noChipSelect`. */
  async setUp(deadline: Deadline): Promise<void> {
    const speedHz = this.#speedHz;
    const set = (options: SpiOptions) => this.#call(deadline, (done) => this.#device.setOptions(options, done));
    await set({ noChipSelect: true }).catch((error) => {
      if (!isInvalid(error)) throw this.#explained("setting its mode", error);
    });
    await set({ maxSpeedHz: speedHz }).catch((error) => {
      throw isInvalid(error) ? speedRefused(this.#path, speedHz, error) : this.#explained("setting its clock", error);
    });
  }

  async transfer(mosi: Uint8Array, deadline: Deadline): Promise<Uint8Array> {
    const { length } = mosi;
    if (length < 1 || length > LONGEST_BYTES)
      throw new HarnessError(
        "INTERNAL",
        `${this.#path}: expected a transfer of 1 to ${LONGEST_BYTES} bytes, got ${length}`,
      );
    const miso = Buffer.alloc(length);
    for (let at = 0; at < length; at += KERNEL_BYTES) {
      const sendBuffer = Buffer.from(mosi.subarray(at, at + KERNEL_BYTES));
      const receiveBuffer = Buffer.alloc(sendBuffer.length);
      const message = [{ byteLength: sendBuffer.length, sendBuffer, receiveBuffer }];
      const ms = (2 * 8 * 1000 * sendBuffer.length) / this.#speedHz + PATIENCE_MS;
      const own = deadline.within(ms, `${this.#path}: a transfer of ${sendBuffer.length} bytes`, "SPI_FAILED");
      await this.#call(own, (done) => this.#device.transfer(message, done)).catch((error) => {
        throw this.#explained(`a transfer of ${sendBuffer.length} bytes`, error);
      });
      miso.set(receiveBuffer, at);
    }
    return miso;
  }

  /** A transfer that was given up ends first, by the kernel's own limit; nobody waits for that. */
  async [Symbol.asyncDispose](): Promise<void> {
    const close = () => new Promise<void>((closed) => void this.#device.close(() => closed()));
    const closed = this.#work.then(close, close);
    const own = Deadline.in(SELECT_MS, `${this.#path}: letting go of the module`, this.#clock);
    await this.select(false, own);
    if (!this.#isWorking) await closed;
  }

  async #call(deadline: Deadline, call: (done: Done) => unknown): Promise<void> {
    await deadline.race(this.#work.catch(() => undefined));
    deadline.signal.throwIfAborted();
    this.#isWorking = true;
    const work = new Promise<void>((resolve, reject) => {
      call((error) => {
        this.#isWorking = false;
        if (error) reject(error);
        else resolve();
      });
    });
    this.#work = work;
    await deadline.race(work);
  }

  #explained(doing: string, error: unknown): unknown {
    return error instanceof HarnessError ? error : spiError(this.#path, doing, error);
  }
}

const isInvalid = (error: unknown): boolean => codeOf(error) === "EINVAL";
