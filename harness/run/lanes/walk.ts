/** A case that begins with one firmware on the module and ends with another one, or the same. */
export interface Edge {
  readonly before: string;
  readonly after: string;
}

/** Joins the end of one path to the beginning of the next: no case, and where the walk is cut in the end. */
interface Step<T> {
  readonly to: string;
  readonly edge: T | undefined;
}

/**
 * The edges in an order in which each begins with what the one before left, as far as that can be: the fewest paths that
 * take every edge once (an Eulerian circuit, where there is one: Hierholzer's algorithm, with as many joints added as the
 * graph needs to have one). Edges that end where they begin are taken as soon as the walk comes there, in their order. The same
 * edges always give the same walk.
 *
 * @param start where the module is before, if that is known: the walk begins there where it may begin anywhere.
 */
export function walk<T extends Edge>(edges: readonly T[], start?: string): T[][] {
  const loops = grouped(
    edges.filter(({ before, after }) => before === after),
    ({ before }) => before,
  );
  const ways = edges.filter(({ before, after }) => before !== after);
  const groups = connected(ways).sort((a, b) => Number(touches(b, start)) - Number(touches(a, start)));
  const paths = groups.flatMap((group) => pathsOf(group, start)).map((path) => withLoops(path, loops));
  // What is left of them is at firmwares that no way leads to.
  const alone = [...loops].sort(([a], [b]) => Number(b === start) - Number(a === start)).map(([, own]) => own);
  return alone[0]?.[0]?.before === start ? [...alone, ...paths] : [...paths, ...alone];
}

const touches = <T extends Edge>(edges: readonly T[], place: string | undefined): boolean =>
  edges.some(({ before, after }) => before === place || after === place);

/** The edges of each part of the graph that hangs together, in the order of the first of each. */
function connected<T extends Edge>(edges: readonly T[]): T[][] {
  const nearer = new Map<string, string>();
  const root = (place: string): string => {
    let at = place;
    for (let next = nearer.get(at); next !== undefined; next = nearer.get(at)) at = next;
    if (at !== place) nearer.set(place, at);
    return at;
  };
  for (const { before, after } of edges) if (root(before) !== root(after)) nearer.set(root(after), root(before));
  return [...grouped(edges, ({ before }) => root(before)).values()];
}

/** In the order of the first of each group. */
function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}

function pathsOf<T extends Edge>(edges: readonly T[], start: string | undefined): T[][] {
  const surplus = new Map<string, number>();
  for (const { before, after } of edges) {
    surplus.set(before, (surplus.get(before) ?? 0) + 1);
    surplus.set(after, (surplus.get(after) ?? 0) - 1);
  }
  const repeated = (sign: 1 | -1) =>
    [...surplus].flatMap(([place, count]) => Array<string>(Math.max(0, sign * count)).fill(place));
  const ends = repeated(-1);
  const beginnings = repeated(1).sort((a, b) => Number(b === start) - Number(a === start));
  const steps = new Map<string, Step<T>[]>();
  for (const [from, all] of grouped(edges, ({ before }) => before))
    steps.set(
      from,
      all.map((edge) => ({ to: edge.after, edge })),
    );
  // The walk begins behind a joint, where there is one: the last end leads back to the first beginning.
  const [first = touches(edges, start) ? (start ?? "") : (edges[0]?.before ?? ""), ...later] = beginnings;
  for (const [index, end] of ends.entries()) {
    const joint = { to: later[index] ?? first, edge: undefined };
    steps.set(end, [...(steps.get(end) ?? []), joint]);
  }
  const around = circuit(first, steps);
  const joint = around.findIndex(({ to, edge }) => edge === undefined && to === first);
  const paths: T[][] = [[]];
  for (const { edge } of [...around.slice(joint + 1), ...around.slice(0, joint + 1)]) {
    if (edge === undefined) paths.push([]);
    else paths.at(-1)?.push(edge);
  }
  return paths.filter((path) => path.length > 0);
}

/** Hierholzer: goes on until it can go no further, and takes what it left out where it passes by once more. */
function circuit<T>(first: string, steps: ReadonlyMap<string, readonly Step<T>[]>): Step<T>[] {
  const taken = new Map<string, number>();
  const way: { readonly place: string; readonly by: Step<T> | undefined }[] = [{ place: first, by: undefined }];
  const found: Step<T>[] = [];
  for (let here = way.at(-1); here !== undefined; here = way.at(-1)) {
    const index = taken.get(here.place) ?? 0;
    const next = steps.get(here.place)?.[index];
    if (next === undefined) {
      way.pop();
      if (here.by !== undefined) found.push(here.by);
      continue;
    }
    taken.set(here.place, index + 1);
    way.push({ place: next.to, by: next });
  }
  return found.reverse();
}

/** Takes them away: each once. */
function withLoops<T extends Edge>(path: readonly T[], loops: Map<string, T[]>): T[] {
  const at = (place: string): T[] => {
    const own = loops.get(place) ?? [];
    loops.delete(place);
    return own;
  };
  return path.flatMap((edge, index) => [...(index === 0 ? at(edge.before) : []), edge, ...at(edge.after)]);
}

/** `edges` in so many parts in a row, of the same length but for one: fewer, where there are fewer edges. */
export function parts<T>(edges: readonly T[], count: number): T[][] {
  const most = Math.min(count, edges.length);
  return Array.from({ length: most }, (_, index) =>
    edges.slice(Math.round((index * edges.length) / most), Math.round(((index + 1) * edges.length) / most)),
  );
}
