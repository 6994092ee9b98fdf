import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import type { BootProof } from "../flash/prove.js";
import { startAt } from "../flash/start-at.js";
import { type At, openAt } from "../ncp/at.js";

/** Who speaks at the far end of the SPI: nobody; a firmware that was started unseen, or is to say `ready`, or has said it. */
type Speaker = "nobody" | "unseen" | "started" | "greeted";

/** The talk with whichever firmware runs. */
export class Talk {
  readonly #rig: Rig;
  readonly #deadline: Deadline;
  #speaker: Speaker = "nobody";
  #at: Promise<At> | undefined;
  #isStarting = false;

  constructor(rig: Rig, deadline: Deadline) {
    this.#rig = rig;
    this.#deadline = deadline;
  }

  /** CHIP_EN or the supply was driven: whoever spoke does so no more. */
  over(): void {
    if (this.#isStarting) return;
    this.#speaker = "nobody";
    this.#at = undefined;
  }

  /** A boot was asked for. A rig that cannot see one may not have started anything. */
  begun(proof: BootProof): void {
    this.over();
    if (proof.proven) this.#speaker = proof.at === undefined ? "started" : "greeted";
    else this.#speaker = "unseen";
  }

  /** Starts the firmware anew. @returns the time from CHIP_EN to SPI_RDY. @throws HarnessError what `startAt` throws. */
  async restart(withinMs: number): Promise<number> {
    this.over();
    const { at, readyMs } = await this.#start(withinMs);
    this.#speaker = "greeted";
    this.#at = Promise.resolve(at);
    return readyMs;
  }

  /**
   * The same for all who ask at once.
   *
   * @throws HarnessError SCENARIO_INVALID where nothing was started; SPI_MISSING; what `At.waitReady` throws.
   */
  async at(): Promise<At> {
    if (this.#speaker === "nobody")
      throw new HarnessError("SCENARIO_INVALID", "at, update: expected a firmware that was started by boot or restart");
    this.#at ??= this.#begin(this.#speaker);
    const begun = this.#at;
    try {
      return await begun;
    } catch (error) {
      if (this.#at === begun) this.#at = undefined;
      throw error;
    }
  }

  async #begin(speaker: Speaker): Promise<At> {
    const { bootMs } = this.#rig.timing;
    if (speaker === "unseen") return (await this.#start(bootMs)).at;
    const at = await openAt(this.#rig, this.#deadline);
    if (speaker === "started") await at.waitReady(bootMs, this.#deadline);
    return at;
  }

  async #start(withinMs: number): ReturnType<typeof startAt> {
    this.#isStarting = true;
    try {
      return await startAt(this.#rig, this.#deadline, {}, withinMs);
    } finally {
      this.#isStarting = false;
    }
  }
}
