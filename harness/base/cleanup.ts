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
