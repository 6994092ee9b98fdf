import { CHUNK_BYTES } from "../protocol/commands.js";
import { PAGE_BYTES, pagesUsed, SECTOR_BYTES } from "./filled.js";
import type { Plan } from "./plan.js";
import type { Stretch } from "./wanted.js";

/** A page of 256 bytes, as it came out of the seed log. */
const PAGE_MS = 0.7;
/** A sector, from a BL616's log: 10 in 108 ms, 13 in 165 ms. */
const SECTOR_MS = 11;
/** What xz leaves of code of this family: 0.55 to 0.62. */
const XZ_RATIO = 0.6;
/** A byte on the line. */
const BITS = 10;
/** A hash is three: mapping, hash, end of the mapping. */
const COMMANDS_OF_HASH = 3;

interface Asked {
  readonly bytes: number;
  readonly ms: number;
}

/**
 * What it costs to ask and to send, in milliseconds. The time of a hash is that of this very module and line: between the
 * shortest and the longest that was asked for so far. What the flash takes nobody has measured; an error there costs time only.
 */
export class DeltaCost {
  readonly #byteMs: number;
  #short: Asked | undefined;
  #long: Asked | undefined;

  constructor(baud: number) {
    this.#byteMs = (1000 * BITS) / baud;
  }

  /** Nothing was asked yet. */
  get isUnknown(): boolean {
    return this.#short === undefined;
  }

  /** Learns from one hash. */
  learn(bytes: number, ms: number): void {
    if (this.#short === undefined || bytes < this.#short.bytes) this.#short = { bytes, ms };
    if (this.#long === undefined || bytes > this.#long.bytes) this.#long = { bytes, ms };
  }

  ask(bytes: number): number {
    return this.#askMs + bytes * this.#hashMs;
  }

  /** Erases, and what has to be sent into it. */
  mend({ xz }: Pick<Stretch, "xz">, bytes: Uint8Array): number {
    const used = pagesUsed(bytes);
    const sent = used * PAGE_BYTES * (xz ? XZ_RATIO : 1);
    return (bytes.length / SECTOR_BYTES) * SECTOR_MS + this.#send(sent, used);
  }

  /** All that a plan does. Of a chip erase no time is known: none is counted. */
  all({ steps }: Plan): number {
    return steps.reduce((ms, step) => {
      if (step.op === "erase") return ms + Math.ceil((step.end - step.start) / SECTOR_BYTES) * SECTOR_MS;
      if (step.op === "verify" || step.op === "verify-again") return ms + this.ask(step.bytes);
      return step.op === "write" ? ms + this.#send(step.payload.length, Math.ceil(step.bytes / PAGE_BYTES)) : ms;
    }, 0);
  }

  #send(bytes: number, pages: number): number {
    const commands = Math.ceil(bytes / CHUNK_BYTES);
    return bytes * this.#byteMs + (commands * this.#askMs) / COMMANDS_OF_HASH + pages * PAGE_MS;
  }

  get #hashMs(): number {
    const [short, long] = [this.#short, this.#long];
    if (short === undefined || long === undefined) return 0;
    return long.bytes === short.bytes ? long.ms / long.bytes : (long.ms - short.ms) / (long.bytes - short.bytes);
  }

  /** Beside the hashing itself. */
  get #askMs(): number {
    return this.#short === undefined ? 0 : Math.max(0, this.#short.ms - this.#short.bytes * this.#hashMs);
  }
}
