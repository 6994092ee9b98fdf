/**
 * Numbers from 0 to 1, the same for the same seed and name on every machine (mulberry32 over an FNV-1a hash).
 * For choices of scenarios and the simulator's jitter, never for secrets.
 */
export function randomOf(seed: number, name: string): () => number {
  let state = 0x811c9dc5 ^ seed;
  for (const char of name) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
