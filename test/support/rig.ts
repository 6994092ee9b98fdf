import type { Clock } from "../../harness/base/time.js";
import type { Rig, Wire } from "../../harness/base/wire.js";

/** The times of a rig file that says nothing of them. */
export const TIMING: Rig["timing"] = {
  resetMs: 100,
  strapHoldMs: 100,
  powerOffMs: 500,
  bootMs: 4000,
  greetMs: 25,
  settleMs: 10,
  rateSettleMs: 10,
};

/** A rig with every default of a rig file, over this wire, as a test wants it. */
export const rigOn = (clock: Clock, wire: Wire, rig: Partial<Rig>): Rig => ({
  name: "bench",
  clock,
  wire,
  straps: undefined,
  switchesPower: false,
  ready: undefined,
  bootBaud: 500_000,
  loadBaud: 2_000_000,
  timing: TIMING,
  bootProof: ["banner"],
  allow: { efuse: false, unlocked: false },
  keep: () => undefined,
  cannotHold: undefined,
  chipId: undefined,
  [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  ...rig,
});
