import { HarnessError } from "../base/errors.js";
import type { Fault } from "../base/events.js";
import type { Recovery } from "./scenario.js";

/** What the recovery ladder did in a case. */
export class Climbed {
  /** `3 strap, reset, handshake, 2000000 Bd: did not help` */
  readonly rungs: string[] = [];
  readonly ends: Recovery[] = [];

  /** No rung helped, up to the last one. */
  get isBricked(): boolean {
    return this.ends.at(-1)?.state === "bricked";
  }

  /** A module that nothing brought back, with what was tried and what was seen. */
  bricked(rig: string, what: string, { code, message, details, diagnosis }: Fault): HarnessError {
    const tried = this.rungs.length === 0 ? "no rung was climbed" : `tried: ${this.rungs.join("; ")}`;
    return new HarnessError(
      "MODULE_BRICKED",
      `${rig}: ${what}, and nothing brought the module back; ${tried}; seen at last: ${code}: ${message}`,
      { details: { tried: this.rungs, seen: { code, message, ...details } }, ...(diagnosis && { diagnosis }) },
    );
  }
}
