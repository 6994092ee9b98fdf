import type { Crew } from "./crew.js";
import type { Tries } from "./tries.js";
import { parts } from "./walk.js";

/** A part of a walk, and whose it is. */
interface Path {
  readonly edges: Tries[];
  owner: Crew | undefined;
}

/** What is left of the walks, and which lane goes along which part. */
export class Paths {
  readonly #paths: Path[];
  readonly #canWork: (crew: Crew) => boolean;

  /** @param walks each is shared by all lanes before the next is. @param canWork whether a lane still takes anything. */
  constructor(walks: readonly (readonly Tries[])[], { length }: readonly Crew[], canWork: (crew: Crew) => boolean) {
    this.#paths = walks.flatMap((walk) => parts(walk, length)).map((edges) => ({ edges, owner: undefined }));
    this.#canWork = canWork;
  }

  /** What nobody has taken. */
  left(): Tries[] {
    return this.#paths.flatMap(({ edges }) => edges);
  }

  /**
   * What a lane would go on with: along its own path, else along one that is nobody's, else in the middle of the longest
   * that another one goes along. The last edge of a path is its owner's, but for one that its owner may not take.
   */
  next(crew: Crew, mayTake: (edge: Tries, crew: Crew) => boolean): Tries | undefined {
    const isMine = (edge: Tries) => mayTake(edge, crew);
    const own = this.#paths.filter(({ owner }) => owner === crew);
    const others = this.#paths.filter(({ owner }) => owner !== undefined && owner !== crew && this.#canWork(owner));
    const free = this.#paths.filter((path) => !own.includes(path) && !others.includes(path));
    for (const { edges } of [...own, ...free]) {
      const edge = edges.find(isMine);
      if (edge !== undefined) return edge;
    }
    const refused = others.flatMap(({ edges, owner = crew }) => edges.filter((edge) => !mayTake(edge, owner)));
    const halves = others.map(({ edges }) => edges.slice(Math.ceil(edges.length / 2)).filter(isMine));
    const [longest] = halves.sort((a, b) => b.length - a.length);
    return refused.find(isMine) ?? longest?.[0];
  }

  /** Of another's path all that comes behind the edge goes over with it. */
  take(crew: Crew, edge: Tries): void {
    const path = this.#paths.find(({ edges }) => edges.includes(edge));
    if (path === undefined) return;
    const at = path.edges.indexOf(edge);
    path.edges.splice(at, 1);
    if (path.owner === crew) return;
    if (path.owner === undefined || !this.#canWork(path.owner)) path.owner = crew;
    else this.#paths.push({ edges: path.edges.splice(at), owner: crew });
  }
}
