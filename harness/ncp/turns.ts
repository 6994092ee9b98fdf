import type { Deadline } from "../base/time.js";

/** Lets one work at a time; the others wait in the order in which they came, each no longer than its deadline. */
export class Turns {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  async take<T>(deadline: Deadline, work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    let leave: () => void = () => undefined;
    this.#last = new Promise((resolve) => {
      leave = resolve;
    });
    const isFree = this.#waiting++ === 0;
    try {
      if (!isFree) await deadline.race(before);
      return await work();
    } finally {
      this.#waiting--;
      // Who gave up waiting does not let the next one in before its time.
      void before.then(leave);
    }
  }
}
