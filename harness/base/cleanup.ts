/** What to undo, newest first. Every step runs, even after one has thrown. (Node 20 has no AsyncDisposableStack.) */
export class Cleanup implements AsyncDisposable {
  #steps: (() => PromiseLike<void>)[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.#steps.push(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  defer(step: () => PromiseLike<void>): void {
    this.#steps.push(step);
  }

  /** Hands the steps over to whoever lives longer. */
  move(): Cleanup {
    const heir = new Cleanup();
    heir.#steps = this.#steps.splice(0);
    return heir;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = [];
    for (const undo of this.#steps.splice(0).reverse()) {
      try {
        await undo();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} clean-up steps failed`);
  }
}

/** What must still happen when the process ends out of turn: after a crash, or a second Ctrl-C. */
export class LastResort {
  readonly #steps = new Set<() => Promise<void>>();

  /** `step` has a limit of its own. @returns what takes it back. */
  add(step: () => Promise<void>): () => void {
    this.#steps.add(step);
    return () => void this.#steps.delete(step);
  }

  /** All steps at once, each of them once. @returns what went wrong. */
  async run(): Promise<unknown[]> {
    const steps = [...this.#steps];
    this.#steps.clear();
    const settled = await Promise.allSettled(steps.map((step) => step()));
    return settled.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
  }
}

/** The one of this process. */
export const lastResort = new LastResort();
