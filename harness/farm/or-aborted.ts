/** Settles as `answer` does, or rejects with the signal's reason: Redis may be gone for good. */
export async function orAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, fail) => {
    abort = () => fail(signal.reason);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
  });
  // Whichever comes second has nobody who waits for it.
  answer.catch(() => undefined);
  aborted.catch(() => undefined);
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
