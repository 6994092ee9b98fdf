/** Things in groups of the same key, the largest first; equal ones stay in the order in which they came. */
export function grouped<T>(things: Iterable<T>, keyOf: (thing: T) => readonly unknown[]): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const thing of things) {
    const key = JSON.stringify(keyOf(thing));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [thing]);
    else group.push(thing);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
}
