import { HarnessError } from "../harness/base/errors.js";
import type { Deadline } from "../harness/base/time.js";
import type { Straps } from "../harness/base/wire.js";

export interface Supply {
  /** The rig's safe state leaves the supply off. */
  readonly startsOff: boolean;
  /** Holds the host's TX low, or lets go of it; none where no UART feeds the module. */
  readonly holdTx?: (held: boolean, deadline: Deadline) => Promise<void>;
}

/**
 * The same lines, with the supply on before any of them is driven: the safe state may leave it off, and so may whoever was
 * killed in the middle of a power cycle.
 *
 * A module without supply is fed by no line, and starts clean, by ST's advice of 2026-05: its supply comes up with BOOT and the
 * host's TX low, then comes BOOT, then CHIP_EN. Whoever cuts the supply sees to CHIP_EN. TX, which idles high, is let go of
 * with the first line that is asserted behind that: until CHIP_EN rises nobody listens.
 */
export function supplied(straps: Straps, { startsOff, holdTx }: Supply): Straps {
  let isKnown = false;
  let isFed = !startsOff;
  let isBootLow = false;
  let isHeld = false;

  const starve = async (deadline: Deadline) => {
    if (!isBootLow) await straps.set("boot", false, deadline);
    isBootLow = true;
    if (!isHeld) await holdTx?.(true, deadline).catch(ignoreLost);
    isHeld = true;
  };
  const power = async (asserted: boolean, deadline: Deadline) => {
    if (asserted && !isFed) await starve(deadline);
    await straps.set("power", asserted, deadline);
    isKnown = true;
    isFed = asserted;
    if (!asserted) await starve(deadline);
  };
  return {
    async set(line, asserted, deadline) {
      if (line === "power") return power(asserted, deadline);
      if (!isKnown) await power(true, deadline);
      if (asserted && isFed && isHeld) {
        await holdTx?.(false, deadline);
        isHeld = false;
      }
      if (line === "boot") isBootLow = !asserted;
      await straps.set(line, asserted, deadline);
    },
    [Symbol.asyncDispose]: () => straps[Symbol.asyncDispose](),
  };
}

/** A port that is gone feeds nobody. */
function ignoreLost(error: unknown): void {
  if (!(error instanceof HarnessError) || error.code !== "PORT_LOST") throw error;
}
