import type { Fault } from "./options.js";

/** The faults of the bytes that go one way, and how many have gone. */
export class ByteFaults {
  readonly #dir: "host" | "module";
  #faults: readonly { readonly first: number; readonly end: number; readonly fault: Fault }[] = [];
  readonly #happens: (fault: Fault) => boolean;
  #passed = 0;

  /** @param happens whether a fault whose byte has come happens at all. */
  constructor(all: readonly Fault[], dir: "host" | "module", happens: (fault: Fault) => boolean) {
    this.#happens = happens;
    this.#dir = dir;
    this.set(all);
  }

  /** From now on these, and no others. */
  set(all: readonly Fault[]): void {
    this.#faults = all.flatMap((fault) => {
      const { at, count } = fault;
      return at.kind === "byte" && at.dir === this.#dir ? [{ first: at.byte, end: at.byte + count, fault }] : [];
    });
  }

  get passed(): number {
    return this.#passed;
  }

  /** So many further bytes pass as they are; endless when no fault is left. */
  get clean(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { first, end } of this.#faults)
      if (end > this.#passed) least = Math.min(least, Math.max(0, first - this.#passed));
    return least;
  }

  pass(bytes: number): void {
    this.#passed += bytes;
  }

  /** The faults of the next byte, which has then passed. */
  next(): Fault[] {
    const at = this.#passed++;
    return this.#faults
      .filter(({ first, end, fault }) => at >= first && at < end && this.#happens(fault))
      .map(({ fault }) => fault);
  }
}
