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
  #at: At | undefined;

  constructor(rig: Rig, deadline: Deadline) {
    this.#rig = rig;
    this.#deadline = deadline;
  }

  /** The ROM was asked for, or the module went off. */
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
    this.over();
    const { at, readyMs } = await startAt(this.#rig, this.#deadline, {}, withinMs);
    this.#isStarted = true;
    this.#hasGreeted = true;
    this.#at = at;
    return readyMs;
  }

  /** @throws HarnessError SCENARIO_INVALID where nothing was started; SPI_MISSING; what `At.waitReady` throws. */
  async at(): Promise<At> {
    if (!this.#isStarted)
      throw new HarnessError("SCENARIO_INVALID", "at, update: expected a firmware that was started by boot or restart");
    if (this.#at !== undefined) return this.#at;
    const at = await openAt(this.#rig, this.#deadline);
    if (!this.#hasGreeted) await at.waitReady(this.#rig.timing.bootMs, this.#deadline);
    this.#hasGreeted = true;
    this.#at = at;
    return at;
  }
}
