/** What a sleep looks at of an AbortSignal, which is one. */
export interface Stop {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Calls off the one sleep that listens. Node's own controller costs as much as all else of a wait on a clock that jumps. */
export class OneStop implements Stop {
  #listener: (() => void) | undefined;
  #aborted = false;
  #reason: unknown;

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listener = listener;
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    if (this.#listener === listener) this.#listener = undefined;
  }

  /** Once; further calls do nothing. */
  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#listener?.();
    this.#listener = undefined;
  }
}

/** Who hears a signal of node's: all of them by one listener of it, since to join or leave its own list takes a microsecond. */
const heard = new WeakMap<Stop, Set<() => void>>();

/**
 * `stopped` is called when `stop` aborts, until `unhear`. As with a listener of its own, one that has aborted calls nobody.
 *
 * @param stopped throws nothing: who hears behind it would not be told.
 */
export function hear(stop: Stop, stopped: () => void): void {
  if (stop instanceof OneStop) stop.addEventListener("abort", stopped);
  else hearersOf(stop).add(stopped);
}

/** Nothing happens when `stopped` does not hear it. */
export function unhear(stop: Stop, stopped: () => void): void {
  if (stop instanceof OneStop) stop.removeEventListener("abort", stopped);
  else heard.get(stop)?.delete(stopped);
}

function hearersOf(stop: Stop): Set<() => void> {
  const known = heard.get(stop);
  if (known !== undefined) return known;
  const hearers = new Set<() => void>();
  const tell = () => {
    for (const each of hearers) each();
    hearers.clear();
  };
  heard.set(stop, hearers);
  stop.addEventListener("abort", tell, { once: true });
  return hearers;
}
