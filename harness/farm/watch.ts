import type { JobState } from "./job-state.js";
import type { RigRecord } from "./messages.js";

/** Between two looks: if it was so many times as long, Redis or this process was away. */
const AWAY_LOOKS = 4;

/**
 * How a delivery may be left alone: no rig can take it; nobody says that it has been taken; its rig is not seen at it; those
 * that did not spoil it are not there.
 */
type Alone = "nobody" | "untold" | "unseen" | "spoilt";

/**
 * What the rigs of a farm tell from look to look, and how long a delivery has been left alone by them: on the clock of who
 * looks, and from a look of its own on. Whether others tell the time right does not matter.
 */
export class Watch {
  readonly #run: string;
  readonly #everyMs: number;
  /** By rig: what it told last, and at which look that was new. */
  readonly #seen = new Map<string, { readonly told: RigRecord; readonly atMs: number }>();
  readonly #since = new Map<string, number>();
  #rigs: readonly RigRecord[] = [];
  #lookedMs = Number.NEGATIVE_INFINITY;

  /** @param everyMs between two looks. */
  constructor(run: string, everyMs: number) {
    this.#run = run;
    this.#everyMs = everyMs;
  }

  /** Those that agents told of at the last look. */
  get rigs(): readonly RigRecord[] {
    return this.#rigs;
  }

  /** Those that were there before, and at the last look were not: as they were. */
  get gone(): readonly RigRecord[] {
    const there = new Set(this.#rigs.map(({ rig }) => rig));
    return [...this.#seen.values()].map(({ told }) => told).filter(({ rig }) => !there.has(rig));
  }

  /** Whether it is time for another look. */
  isDue(nowMs: number): boolean {
    return nowMs - this.#lookedMs >= this.#everyMs;
  }

  /** A look: at these rigs, now. Where the last one is long ago, nothing could be heard, and that time is held against nobody. */
  look(rigs: readonly RigRecord[], nowMs: number): void {
    const gapMs = nowMs - this.#lookedMs;
    if (gapMs > AWAY_LOOKS * this.#everyMs)
      for (const [what, atMs] of this.#since) this.#since.set(what, atMs + gapMs - this.#everyMs);
    this.#lookedMs = nowMs;
    this.#rigs = rigs;
    for (const told of rigs) {
      const before = this.#seen.get(told.rig)?.told;
      if (before?.beat !== told.beat || before.agent !== told.agent) this.#seen.set(told.rig, { told, atMs: nowMs });
    }
  }

  /** Whether some rig tells that it is about the delivery that counts of this job. */
  isTaken(job: JobState): boolean {
    return this.#rigs.some(({ work }) => this.#isAt(job, work));
  }

  /** Whether that one, which is the rig that the job is for or held by, has shown by this look that it lives. */
  isSeen(job: JobState): boolean {
    return this.#rigs.some(
      ({ rig, work }) =>
        this.#isAt(job, work) && rig === (job.rig ?? rig) && this.#seen.get(rig)?.atMs === this.#lookedMs,
    );
  }

  /** So long its delivery has been left alone, in ms; from this look on if it was not before, or was another delivery. */
  alone(job: JobState, how: Alone): number {
    const what = nameOf(job, how);
    const sinceMs = this.#since.get(what) ?? this.#lookedMs;
    this.#since.set(what, sinceMs);
    return this.#lookedMs - sinceMs;
  }

  /** It is not, any more. */
  attended(job: JobState, how: Alone): void {
    this.#since.delete(nameOf(job, how));
  }

  #isAt({ job, delivery }: JobState, work: RigRecord["work"]): boolean {
    return work?.run === this.#run && work.job === job.id && work.delivery === delivery;
  }
}

/** What was so of one delivery, or in one way, says nothing of another. */
const nameOf = ({ job, delivery }: JobState, how: Alone): string => `${job.id}.${delivery} ${how}`;
