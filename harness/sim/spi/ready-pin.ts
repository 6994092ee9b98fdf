/** SPI_RDY: a level that hosts look at, and are told of when it changes. */
export class ReadyPin {
  #level = false;
  readonly #watchers = new Set<(level: boolean) => void>();

  get level(): boolean {
    return this.#level;
  }

  set(level: boolean): void {
    if (level === this.#level) return;
    this.#level = level;
    for (const told of this.#watchers) told(level);
  }

  /** @param told of each change, until it is disposed. */
  watch(told: (level: boolean) => void): Disposable {
    this.#watchers.add(told);
    return { [Symbol.dispose]: () => void this.#watchers.delete(told) };
  }
}
