import { createHash } from "node:crypto";
import type { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Equal } from "../flash/bisect.js";
import { DeltaCost } from "../flash/delta-cost.js";
import type { Extent } from "../flash/spared.js";
import { ownHash } from "../flash/verify.js";
import type { Stretch } from "../flash/wanted.js";
import type { Session } from "../session/session.js";
import type { Observer } from "../session/stage.js";
import { reopen } from "./reopen.js";
import type { Recovery } from "./rung.js";
import { mayBeTheLine } from "./trouble.js";

/** An answer is asked for so often before its trouble is taken for one. */
const TRIES = 3;

/** Questions to a module that change nothing, over a line that may bring trouble. */
export class Asking {
  session: Session;
  /** The last trouble since somebody looked: what was proven before it is not any more. */
  trouble: HarnessError | undefined;
  readonly cost: DeltaCost;
  readonly #deadline: Deadline;
  readonly #observer: Observer;
  readonly #recovery: Recovery;

  constructor(session: Session, deadline: Deadline, observer: Observer, recovery: Recovery) {
    this.session = session;
    this.cost = new DeltaCost(session.rig.wire.baud);
    this.#deadline = deadline;
    this.#observer = observer;
    this.#recovery = recovery;
  }

  /** Asks; after trouble the module is entered anew and asked again. */
  async sure<T>(ask: (session: Session) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask(this.session);
      } catch (error) {
        if (!mayBeTheLine(error) || attempt === TRIES || this.isOver) throw error;
        this.trouble = error;
        this.#observer.note?.(`${this.session.rig.name}: ${error.message}; asked again`);
        await this.anew();
      }
    }
  }

  /** A session anew: the one before is not to be trusted. */
  async anew(): Promise<void> {
    this.session = await reopen(this.session, this.#deadline, this.#observer, this.#recovery);
  }

  /** What the module itself says of a run. @returns `undefined` when it does not hash. */
  digest({ start, end }: Extent): Promise<string | undefined> {
    return this.sure(async ({ rom }) => {
      const { clock } = this.#deadline;
      const begun = clock.now();
      const digest = await ownHash(rom, start, end - start, this.#deadline);
      this.cost.learn(end - start, clock.now() - begun);
      return digest;
    });
  }

  equalIn({ what, address, bytes }: Stretch): Equal {
    return async (run) => {
      const wanted = bytes.subarray(run.start - address, run.end - address);
      const found = await this.digest(run);
      this.#observer.progress?.(`compare ${what}`, run.end - address, bytes.length);
      return found === createHash("sha256").update(wanted).digest("hex");
    };
  }

  get isOver(): boolean {
    return this.#deadline.signal.aborted || this.#deadline.remainingMs === 0;
  }
}
