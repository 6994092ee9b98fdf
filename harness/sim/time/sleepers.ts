/** Somebody who sleeps on the virtual clock. `at` is its place in the heap; -1: not in it, and only then the rest may change. */
export interface Sleeper {
  dueMs: number;
  order: number;
  readonly wake: () => void;
  at: number;
}

/** Sleepers by time, first come first served among equals: a binary heap that knows where each of them sits. */
export class Sleepers {
  readonly #heap: Sleeper[] = [];

  get next(): Sleeper | undefined {
    return this.#heap[0];
  }

  get size(): number {
    return this.#heap.length;
  }

  add(sleeper: Sleeper): void {
    this.#heap.push(sleeper);
    this.#rise(sleeper, this.#heap.length - 1);
  }

  /** In O(log n); nothing happens when it is not in. */
  remove(sleeper: Sleeper): void {
    const hole = sleeper.at;
    if (hole < 0) return;
    sleeper.at = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === sleeper) return;
    this.#rise(last, hole);
    this.#sink(last, last.at);
  }

  #rise(sleeper: Sleeper, from: number): void {
    let at = from;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = this.#heap[up];
      if (parent === undefined || before(parent, sleeper)) break;
      this.#put(parent, at);
      at = up;
    }
    this.#put(sleeper, at);
  }

  #sink(sleeper: Sleeper, from: number): void {
    let at = from;
    for (;;) {
      const left = this.#heap[2 * at + 1];
      const right = this.#heap[2 * at + 2];
      const child = left !== undefined && right !== undefined && before(right, left) ? right : left;
      if (child === undefined || before(sleeper, child)) break;
      const down = child.at;
      this.#put(child, at);
      at = down;
    }
    this.#put(sleeper, at);
  }

  #put(sleeper: Sleeper, at: number): void {
    this.#heap[at] = sleeper;
    sleeper.at = at;
  }
}

const before = (a: Sleeper, b: Sleeper): boolean => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
