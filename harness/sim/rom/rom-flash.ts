import { createHash } from "node:crypto";
import type { Clock } from "../../base/time.js";
import { XzError } from "../../native/xz.js";
import type { Faults } from "../faults/faults.js";
import type { FaultStage } from "../faults/options.js";
import type { SimOptions } from "../options.js";
import type { Nor, Work } from "../silicon/nor.js";
import { blocksOf, type PagePiece, pagesIn, pagesOf, SECTOR_BYTES, sectorsIn } from "../silicon/pages.js";
import { Expander } from "./expander.js";
import { Operation } from "./operation.js";
import { Refusal } from "./refusal.js";
import { holdsT01 } from "./t01.js";

const INIT_FAILED = 0x0001;
const ERASE_FAILED = 0x0003;
const XZ_FAILED = 0x000c;
/** The sister chips' loaders program an expanded stream in pieces of this size. */
const XZ_PIECE_BYTES = 4096;

interface Parts {
  readonly nor: Nor;
  readonly options: SimOptions;
  readonly clock: Clock;
  readonly random: () => number;
  readonly faults: Faults;
  /** Aborts when the module is reset: what is not begun by then is never done. */
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
  #expander: Expander | undefined;
  #pointer = 0;
  #expanded: Uint8Array = new Uint8Array();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#mute = parts.options.quirks.t01Reflash && holdsT01(parts.nor, parts.options.quirks);
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
    const msOf = (sectors: number) => sectors * options.flash.sectorEraseMs;
    const erase = this.#begin("erase", msOf(sectorsIn(first, last)));
    for (const { address, length } of blocksOf(first, last)) {
      await block();
      await erase.piece(msOf(length / SECTOR_BYTES), this.#work({ kind: "erase", address, length }));
      if (options.quirks.flashFails) throw new Refusal(ERASE_FAILED);
    }
    this.#mute &&= holdsT01(nor, options.quirks);
  }

  /** `second` is called about every second while it goes on. */
  async eraseAll(second: () => Promise<void>): Promise<void> {
    const { nor, options } = this.#parts;
    const { chipEraseMs } = options.flash;
    const erase = this.#begin("erase", chipEraseMs);
    await erase.piece(chipEraseMs, this.#work({ kind: "erase", address: 0, length: nor.bytes.length }), second);
    if (options.quirks.flashFails) throw new Refusal(ERASE_FAILED);
    this.#mute = false;
  }

  /** Page by page. @throws Refusal with `failure`, or with a fault's own; it is remembered. */
  async program(address: number, bytes: Uint8Array, failure: number): Promise<void> {
    const { options } = this.#parts;
    if (bytes.length === 0) return;
    const { pageMs } = options.flash;
    const program = this.#begin("program", pagesIn(address, bytes.length) * pageMs);
    try {
      if (options.quirks.flashFails) {
        await program.piece(pageMs);
        throw new Refusal(failure);
      }
      await program.pieces(pageMs, [...pagesOf(address, bytes)].map(toWork));
    } catch (error) {
      if (error instanceof Refusal) this.writeError ??= error.status;
      throw error;
    }
  }

  startStream(address: number): void {
    this.#expander?.[Symbol.dispose]();
    this.#expander = new Expander();
    this.#pointer = address;
    this.#expanded = new Uint8Array();
  }

  /**
   * Expands the stream's next bytes. @returns what is ripe for programming, and where.
   * @throws Refusal FL 000C for a bad stream, for bytes behind its end, and (our choice) when no stream was started.
   */
  expand(chunk: Uint8Array): { address: number; bytes: Uint8Array } {
    if (this.#expander === undefined) throw new Refusal(XZ_FAILED);
    try {
      this.#expanded = Buffer.concat([this.#expanded, this.#expander.push(chunk)]);
    } catch (error) {
      if (error instanceof XzError) throw new Refusal(XZ_FAILED);
      throw error;
    }
    const all = this.#expanded.length;
    const ripe = this.#expander.ended ? all : all - (all % XZ_PIECE_BYTES);
    const piece = { address: this.#pointer, bytes: this.#expanded.subarray(0, ripe) };
    this.#pointer += ripe;
    this.#expanded = this.#expanded.subarray(ripe);
    return piece;
  }

  /** SHA-256 of a range, which may be longer than the flash: then it goes round. */
  async hash(address: number, length: number): Promise<Uint8Array> {
    const { nor, options } = this.#parts;
    const hash = createHash("sha256");
    const msOf = (bytes: number) => (bytes / options.flash.shaBytesPerSec) * 1000;
    const hashing = this.#begin("hash", msOf(length));
    for (let done = 0; done < length; done += nor.bytes.length) {
      const piece = Math.min(length - done, nor.bytes.length);
      await hashing.piece(msOf(piece));
      for (const cells of nor.cells(address + done, piece)) hash.update(cells);
    }
    return hash.digest();
  }

  [Symbol.dispose](): void {
    this.#expander?.[Symbol.dispose]();
    this.#expander = undefined;
  }

  #begin(stage: FaultStage, totalMs: number): Operation {
    return new Operation(this.#parts, stage, totalMs);
  }

  /** A flash that fails does nothing. */
  #work(work: Work): Work | undefined {
    return this.#parts.options.quirks.flashFails ? undefined : work;
  }
}

const toWork = (page: PagePiece): Work => ({ kind: "program", page });
