import { createHash } from "node:crypto";
import type { Clock } from "../../base/time.js";
import { XzDecoder, XzError } from "../../native/xz.js";
import type { SimOptions } from "../options.js";
import { blocksOf, type Nor, pagesOf, SECTOR_BYTES } from "../silicon/nor.js";
import { Refusal } from "./refusal.js";
import { holdsT01 } from "./t01.js";

const INIT_FAILED = 0x0001;
const ERASE_FAILED = 0x0003;
const XZ_FAILED = 0x000c;
/** The sister chips' loaders program an expanded stream in pieces of this size. */
const XZ_PIECE_BYTES = 4096;

const SECOND_MS = 1000;

interface Parts {
  readonly nor: Nor;
  readonly options: SimOptions;
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborts when the module is reset: what is not done by then is never done. */
  readonly signal: AbortSignal;
}

/** The ROM's flash driver: what it does to the cells, how long that takes, and what it remembers until a reset. */
export class RomFlash implements Disposable {
  readonly #parts: Parts;
  /** Set by set-para; without it the ROM does not know where its flash is. */
  ready = false;
  /** Mapped into the address space, as a hash needs it. */
  mapped = false;
  /** The first write that failed, for the write check. */
  writeError: number | undefined;
  #mute: boolean;
  #decoder: XzDecoder | undefined;
  #pointer = 0;
  #expanded: Uint8Array = new Uint8Array();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#mute = parts.options.quirks.t01Reflash && holdsT01(parts.nor);
  }

  /** The T01 quirk: the module came out of reset with a T01 on its flash, which is still the one that it was. */
  get mute(): boolean {
    return this.#mute;
  }

  /** @throws Refusal FL 0001 before set-para. */
  require(): void {
    if (!this.ready) throw new Refusal(INIT_FAILED);
  }

  read(address: number, length: number): Uint8Array {
    return this.#parts.nor.read(address, length);
  }

  /** `block` is called before each block. */
  async erase(first: number, last: number, block: () => Promise<void>): Promise<void> {
    const { nor, options } = this.#parts;
    for (const { address, length } of blocksOf(first, last)) {
      await block();
      await this.#busy((length / SECTOR_BYTES) * options.flash.sectorEraseMs);
      if (options.quirks.flashFails) throw new Refusal(ERASE_FAILED);
      nor.erase(address, length);
    }
    this.#mute &&= holdsT01(nor);
  }

  /** `second` is called about every second while it goes on. */
  async eraseAll(second: () => Promise<void>): Promise<void> {
    const { nor, options } = this.#parts;
    let leftMs = options.flash.chipEraseMs;
    for (; leftMs > SECOND_MS; leftMs -= SECOND_MS) {
      await this.#busy(SECOND_MS);
      await second();
    }
    await this.#busy(leftMs);
    if (options.quirks.flashFails) throw new Refusal(ERASE_FAILED);
    nor.erase(0, nor.bytes.length);
    this.#mute = false;
  }

  /** Page by page. @throws Refusal with `failure`, which is remembered. */
  async program(address: number, bytes: Uint8Array, failure: number): Promise<void> {
    const { nor, options } = this.#parts;
    for (const page of pagesOf(address, bytes)) {
      await this.#busy(options.flash.pageMs);
      if (options.quirks.flashFails) {
        this.writeError ??= failure;
        throw new Refusal(failure);
      }
      nor.program(page);
    }
  }

  startStream(address: number): void {
    this.#decoder?.[Symbol.dispose]();
    this.#decoder = new XzDecoder();
    this.#pointer = address;
    this.#expanded = new Uint8Array();
  }

  /**
   * Expands the stream's next bytes. @returns what is ripe for programming, and where.
   * @throws Refusal FL 000C for a bad stream, for bytes behind its end, and (our choice) when no stream was started.
   */
  expand(chunk: Uint8Array): { address: number; bytes: Uint8Array } {
    if (this.#decoder === undefined) throw new Refusal(XZ_FAILED);
    try {
      this.#expanded = Buffer.concat([this.#expanded, this.#decoder.push(chunk)]);
    } catch (error) {
      if (error instanceof XzError) throw new Refusal(XZ_FAILED);
      throw error;
    }
    const all = this.#expanded.length;
    const ripe = this.#decoder.ended ? all : all - (all % XZ_PIECE_BYTES);
    const piece = { address: this.#pointer, bytes: this.#expanded.subarray(0, ripe) };
    this.#pointer += ripe;
    this.#expanded = this.#expanded.subarray(ripe);
    return piece;
  }

  /** SHA-256 of a range, which may be longer than the flash: then it goes round. */
  async hash(address: number, length: number): Promise<Uint8Array> {
    const { nor, options } = this.#parts;
    const hash = createHash("sha256");
    for (let done = 0; done < length; done += nor.bytes.length) {
      const piece = Math.min(length - done, nor.bytes.length);
      await this.#busy((piece / options.flash.shaBytesPerSec) * 1000);
      hash.update(nor.read(address + done, piece));
    }
    return hash.digest();
  }

  [Symbol.dispose](): void {
    this.#decoder?.[Symbol.dispose]();
    this.#decoder = undefined;
  }

  #busy(ms: number): Promise<void> {
    const { clock, options, random, signal } = this.#parts;
    return clock.sleep(ms * (1 + options.flash.jitter * (2 * random() - 1)), signal);
  }
}
