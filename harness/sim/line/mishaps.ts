import type { Clock } from "../../base/time.js";
import { type Faults, flipped } from "../faults/faults.js";
import { spacingMs, type Train } from "./train.js";

/** What is held back has room for so many bytes, as an adapter's buffer; what comes when it is full is lost. */
const HELD_BYTES = 65_536;

/** What happens to bytes on their way, because a fault of the rig file says so. */
export class Mishaps {
  readonly #faults: Faults;
  readonly #clock: Clock;
  #held: Train[] | undefined;
  #heldBytes = 0;
  #hold = new AbortController();

  constructor(faults: Faults, clock: Clock) {
    this.#faults = faults;
    this.#clock = clock;
  }

  /** After so many further bytes of the host something happens here. */
  get hostAppetite(): number {
    return this.#faults.host.clean + 1;
  }

  /** Whether so many bytes of the module pass as they are; then they have. */
  passes(bytes: number): boolean {
    const { module } = this.#faults;
    if (module.clean < bytes) return false;
    module.pass(bytes);
    return true;
  }

  /** Bytes of the host arrive. `hear` gets what the module hears of them, and when it does. */
  carry(train: Train, hear: (train: Train) => void): void {
    const { host } = this.#faults;
    if (host.clean >= train.bytes.length) {
      host.pass(train.bytes.length);
      this.#deliver(train, hear);
      return;
    }
    for (let left = train; left.bytes.length > 0; ) {
      const clean = Math.min(host.clean, left.bytes.length);
      host.pass(clean);
      if (clean > 0) this.#deliver(first(left, clean), hear);
      left = behind(left, clean);
      if (left.bytes.length > 0) this.#strike(first(left, 1), hear);
      left = behind(left, 1);
    }
  }

  /**
   * The module sends. `put` brings bytes on the line and resolves when they have left; `take` spends time in ms, of
   * which a byte needs `byteMs`.
   */
  async send(
    bytes: Uint8Array,
    byteMs: number,
    put: (bytes: Uint8Array) => Promise<void>,
    take: (ms: number) => Promise<void>,
  ): Promise<void> {
    const { module } = this.#faults;
    for (let at = 0; at < bytes.length; at++) {
      const clean = bytes.subarray(at, at + module.clean);
      module.pass(clean.length);
      if (clean.length > 0) await put(clean);
      at += clean.length;
      if (at === bytes.length) return;
      let byte: Uint8Array | undefined = bytes.subarray(at, at + 1);
      const struck = module.next();
      for (const fault of struck) {
        if (fault.do === "delay") await take(fault.forMs);
        if (fault.do === "insert") await put(Uint8Array.of(this.#faults.pick(256)));
        if (fault.do === "flip" && byte !== undefined) byte = flipped(byte, this.#faults.pick(8));
        if (fault.do === "drop") byte = undefined;
      }
      await (byte === undefined ? take(byteMs) : put(byte));
      for (const fault of struck) this.#faults.strike(fault);
    }
  }

  /** Power goes: what is held back finds nobody. */
  forget(): void {
    this.#hold.abort();
  }

  #strike(one: Train, hear: (train: Train) => void): void {
    const struck = this.#faults.host.next();
    let bytes = one.bytes;
    for (const fault of struck) {
      if (fault.do === "delay" && this.#held === undefined) void this.#holdBack(fault.forMs, hear);
      if (fault.do === "insert") {
        const noise = Uint8Array.of(this.#faults.pick(256));
        this.#deliver({ ...one, bytes: noise, endMs: one.endMs - spacingMs(one) }, hear);
      }
      if (fault.do === "flip" && bytes.length > 0) bytes = flipped(bytes, this.#faults.pick(8));
      if (fault.do === "drop") bytes = new Uint8Array();
    }
    this.#deliver({ ...one, bytes }, hear);
    for (const fault of struck) this.#faults.strike(fault);
  }

  #deliver(train: Train, hear: (train: Train) => void): void {
    if (this.#held === undefined) hear(train);
    else if (this.#heldBytes + train.bytes.length <= HELD_BYTES) {
      this.#heldBytes += train.bytes.length;
      this.#held.push({ ...train, bytes: train.bytes.slice() });
    }
  }

  /** Nothing gets through for `ms`; then all of it comes, back to back, and what comes meanwhile behind it. */
  async #holdBack(ms: number, hear: (train: Train) => void): Promise<void> {
    const held: Train[] = [];
    this.#held = held;
    this.#hold = new AbortController();
    const { signal } = this.#hold;
    try {
      await this.#clock.sleep(ms, signal);
      for (let train = held.shift(); train !== undefined; train = held.shift()) {
        this.#heldBytes -= train.bytes.length;
        await this.#clock.sleep(train.bytes.length * spacingMs(train), signal);
        hear({ ...train, endMs: this.#clock.now() });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    this.#held = undefined;
    this.#heldBytes = 0;
  }
}

const first = (train: Train, count: number): Train => ({
  ...train,
  bytes: train.bytes.subarray(0, count),
  endMs: train.endMs - (train.bytes.length - count) * spacingMs(train),
});

const behind = (train: Train, count: number): Train => ({ ...train, bytes: train.bytes.subarray(count) });
