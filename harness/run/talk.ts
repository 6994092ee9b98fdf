import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import type { BootProof } from "../flash/prove.js";
import { startAt } from "../flash/start-at.js";
import { type At, openAt } from "../ncp/at.js";

/** Who speaks at the far end of the SPI: nobody; a firmware whose `ready` is still to come; or one that has said it. */
export class Talk {
  readonly #rig: Rig;
  readonly #deadline: Deadline;
  #isStarted = false;
  #hasGreeted = false;
  #at: Promise<At> | undefined;

  constructor(rig: Rig, deadline: Deadline) {
    this.#rig = rig;
    this.#deadline = deadline;
  }

  /** CHIP_EN or the supply was driven: whoever spoke does so no more. */
  over(): void {
    this.#isStarted = false;
    this.#at = undefined;
  }

  /** A firmware was started. */
  begun(proof: BootProof): void {
    this.over();
    this.#isStarted = true;
    this.#hasGreeted = proof.proven && proof.at !== undefined;
  }

  /** Starts the firmware anew. @returns the time from CHIP_EN to SPI_RDY. @throws HarnessError what `startAt` throws. */
  async restart(withinMs: number): Promise<number> {
    const { at, readyMs } = await startAt(this.#rig, this.#deadline, {}, withinMs);
    this.#isStarted = true;
    this.#at = Promise.resolve(at);
    return readyMs;
  }

  /** The same for all who ask at once. @throws HarnessError SCENARIO_INVALID where nothing was started; SPI_MISSING; what `At.waitReady` throws. */
  async at(): Promise<At> {
    if (!this.#isStarted)
      throw new HarnessError("SCENARIO_INVALID", "at, update: expected a firmware that was started by boot or restart");
    this.#at ??= this.#begin();
    const begun = this.#at;
    try {
      return await begun;
    } catch (error) {
      if (this.#at === begun) this.#at = undefined;
      throw error;
    }
  }

  async #begin(): Promise<At> {
    const at = await openAt(this.#rig, this.#deadline);
    if (!this.#hasGreeted) await at.waitReady(this.#rig.timing.bootMs, this.#deadline);
    return at;
  }
}
