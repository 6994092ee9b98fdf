import type { Deadline } from "../base/time.js";
import type { ReadyInput, Rig } from "../base/wire.js";
import { versionIn } from "./boot.js";
import { heardWithin } from "./greet.js";
import { READY_POLL_MS, type Running } from "./running.js";

/** What no boot prints: a line that just wakes up adds it. */
const UNPRINTABLE = /[^ -~]+/g;

/** Watches a module that ran its application for signs of a reset. */
export class Witness {
  readonly #rig: Rig;
  readonly #deadline: Deadline;
  readonly #ready: ReadyInput | undefined;
  #text = "";
  #fell = false;
  #rose = false;

  /** @param running what showed that its application ran, and is to be looked at. */
  constructor(rig: Rig, { isReady }: Running, deadline: Deadline) {
    this.#rig = rig;
    this.#deadline = deadline;
    this.#ready = isReady ? rig.ready : undefined;
  }

  /** SPI_RDY was seen low, as it is in a reset and some time after it. */
  get fell(): boolean {
    return this.#fell;
  }

  /** An application was seen to start, and by what. */
  get started(): string | undefined {
    const version = versionIn(this.#text);
    if (version !== undefined) return `a banner came: ${version}`;
    return this.#fell && this.#rose ? "SPI_RDY fell and rose again" : undefined;
  }

  /** What was printed and is no banner. */
  get printed(): string {
    return this.#text.replace(UNPRINTABLE, "");
  }

  /** Until `end` on the rig's clock, or until an application was seen to start. The wire stands at the banner's rate. */
  async listen(end: number): Promise<void> {
    const { clock } = this.#deadline;
    for (let left = end - clock.now(); left > 0 && this.started === undefined; left = end - clock.now()) {
      await this.look();
      const slice = this.#ready === undefined ? left : Math.min(left, READY_POLL_MS);
      this.#text += Buffer.from(await heardWithin(this.#rig.wire, this.#deadline, slice)).toString("latin1");
    }
  }

  /** One look at SPI_RDY. */
  async look(): Promise<void> {
    if (this.#ready === undefined) return;
    const asserted = await this.#ready.read();
    this.#fell ||= !asserted;
    this.#rose ||= this.#fell && asserted;
  }
}
