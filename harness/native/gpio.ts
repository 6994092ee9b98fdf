import { closeSync, openSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { HarnessError } from "../base/errors.js";
import { glibc } from "./library.js";

/** Requests and layouts of the GPIO interface of Linux, version 2: 5.10 and later; the same on x86 and ARM. */
const CHIP_INFO = { request: 0x8044_b401, bytes: 68, nameAt: 0, labelAt: 32, linesAt: 64 };
const LINE_INFO = { request: 0xc100_b405, bytes: 256, consumerAt: 32, offsetAt: 64, flagsAt: 72 };
const LINE = { request: 0xc250_b407, bytes: 592, consumerAt: 256, linesAt: 560, fileAt: 588 };
const CONFIG = { request: 0xc110_b40d, bytes: 272, countAt: 8, idAt: 32, valuesAt: 40, maskAt: 48 };
const GET_VALUES = 0xc010_b40e;
const SET_VALUES = 0xc010_b40f;
const VALUES_BYTES = 16;
const NAME_BYTES = 32;
const OUTPUT_VALUES = 2;
/** Bits of a line's flags. */
const USED = 1n;
const INPUT = 4n;
const OUTPUT = 8n;
/** A request has one line: the first of its bits. */
const FIRST = 1n;
const EBUSY = 16;

type Ioctl = (fd: number, request: number, type: "void *", argument: Uint8Array) => number;

const libc = glibc(
  "GPIO character devices need Linux with glibc, as on Raspberry Pi OS; or use the line driver onoff.",
  (library, koffi) => ({
    ioctl: library.func("ioctl", "int", ["int", "unsigned long", "..."]) as Ioctl,
    errno: () => koffi.errno(),
  }),
);

/** Loads what the calls below need, for whoever must be quick later. */
export const loadGpio = (): void => void libc();

/** What the kernel tells of a GPIO chip. */
export interface ChipInfo {
  /** Its device, as it was asked for. */
  readonly path: string;
  /** The kernel's own name for it, `gpiochip0`; a device may be a link to another one's. */
  readonly name: string;
  readonly label: string;
  /** How many lines it has. */
  readonly lines: number;
}

/** What the kernel tells of one line. */
export interface LineInfo {
  readonly used: boolean;
  /** Who uses it, as its user says; may be empty. */
  readonly consumer: string;
  /** As the kernel knew it last: sure only while the line is in use. */
  readonly output: boolean;
}

/**
 * The devices of GPIO chips in `folder`, each chip once: links such as the `gpiochip4` of a Raspberry Pi 5 are left out.
 *
 * @throws HarnessError GPIO_UNAVAILABLE when there is one that may not be opened.
 */
export function gpioDevices(folder = "/dev"): string[] {
  const names = readdirSync(folder).filter((name) => /^gpiochip\d+$/.test(name));
  const paths = names.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).map((name) => join(folder, name));
  const seen = new Set<number>();
  return paths.filter((path) => {
    const { rdev } = statSync(path);
    if (seen.has(rdev)) return false;
    seen.add(rdev);
    return true;
  });
}

/** A GPIO chip's character device. Opening it moves nothing. */
export class GpioDevice implements Disposable {
  readonly path: string;
  readonly #file: number;

  /** @throws the system's own error when the device cannot be opened. */
  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, "r+");
  }

  /** @throws HarnessError GPIO_UNAVAILABLE when this is no GPIO chip. */
  info(): ChipInfo {
    const bytes = new Uint8Array(CHIP_INFO.bytes);
    call(this.#file, CHIP_INFO.request, bytes, this.path);
    return {
      path: this.path,
      name: textAt(bytes, CHIP_INFO.nameAt),
      label: textAt(bytes, CHIP_INFO.labelAt),
      lines: view(bytes).getUint32(CHIP_INFO.linesAt, true),
    };
  }

  /** @throws HarnessError GPIO_UNAVAILABLE when there is no such line. */
  lineInfo(offset: number): LineInfo {
    const bytes = new Uint8Array(LINE_INFO.bytes);
    view(bytes).setUint32(LINE_INFO.offsetAt, offset, true);
    call(this.#file, LINE_INFO.request, bytes, `${this.path} line ${offset}`);
    const flags = view(bytes).getBigUint64(LINE_INFO.flagsAt, true);
    return {
      used: (flags & USED) !== 0n,
      consumer: textAt(bytes, LINE_INFO.consumerAt),
      output: (flags & OUTPUT) !== 0n,
    };
  }

  /**
   * Takes one line for us alone, as it is: neither direction nor level change.
   *
   * @param consumer what others read of its user; cut to 31 bytes.
   * @throws HarnessError GPIO_UNAVAILABLE, which names who holds the line.
   */
  take(offset: number, consumer: string): GpioLine {
    const bytes = new Uint8Array(LINE.bytes);
    view(bytes).setUint32(0, offset, true);
    view(bytes).setUint32(LINE.linesAt, 1, true);
    new TextEncoder().encodeInto(consumer, bytes.subarray(LINE.consumerAt, LINE.consumerAt + NAME_BYTES - 1));
    const what = `${this.path} line ${offset}`;
    call(this.#file, LINE.request, bytes, what, () => `held by ${this.holder(offset)}`);
    return new GpioLine(view(bytes).getInt32(LINE.fileAt, true), what);
  }

  /** Who uses a line, for people. */
  holder(offset: number): string {
    const { used, consumer } = this.lineInfo(offset);
    if (!used) return "nobody any more";
    return consumer === "" ? "a user without a name" : JSON.stringify(consumer);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

/** One line that is ours until it is disposed; what its level is then, the kernel's pin driver decides. */
export class GpioLine implements Disposable {
  readonly #file: number;
  readonly #what: string;

  constructor(file: number, what: string) {
    this.#file = file;
    this.#what = what;
  }

  /** Makes it an output that is `high` from its first moment on. */
  makeOutput(high: boolean): void {
    const bytes = new Uint8Array(CONFIG.bytes);
    view(bytes).setBigUint64(0, OUTPUT, true);
    view(bytes).setUint32(CONFIG.countAt, 1, true);
    view(bytes).setUint32(CONFIG.idAt, OUTPUT_VALUES, true);
    view(bytes).setBigUint64(CONFIG.valuesAt, bit(high), true);
    view(bytes).setBigUint64(CONFIG.maskAt, FIRST, true);
    call(this.#file, CONFIG.request, bytes, this.#what);
  }

  makeInput(): void {
    const bytes = new Uint8Array(CONFIG.bytes);
    view(bytes).setBigUint64(0, INPUT, true);
    call(this.#file, CONFIG.request, bytes, this.#what);
  }

  set(high: boolean): void {
    call(this.#file, SET_VALUES, valuesOf(high), this.#what);
  }

  /** Whether it is high: an output's pin, too, as far as the chip can tell. */
  get(): boolean {
    const bytes = valuesOf(false);
    call(this.#file, GET_VALUES, bytes, this.#what);
    return (view(bytes).getBigUint64(0, true) & FIRST) !== 0n;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

function valuesOf(high: boolean): Uint8Array {
  const bytes = new Uint8Array(VALUES_BYTES);
  view(bytes).setBigUint64(0, bit(high), true);
  view(bytes).setBigUint64(8, FIRST, true);
  return bytes;
}

function call(file: number, request: number, bytes: Uint8Array, what: string, busy = () => "in use"): void {
  const { ioctl, errno } = libc();
  if (ioctl(file, request, "void *", bytes) >= 0) return;
  const failure = errno();
  const why = failure === EBUSY ? busy() : `the kernel refused with errno ${failure}`;
  throw new HarnessError("GPIO_UNAVAILABLE", `${what}: ${why}`, { details: { errno: failure } });
}

const bit = (high: boolean): bigint => (high ? FIRST : 0n);

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function textAt(bytes: Uint8Array, at: number): string {
  const field = bytes.subarray(at, at + NAME_BYTES);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}
