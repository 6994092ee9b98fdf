import { Cleanup } from "../../harness/base/cleanup.js";
import { HarnessError } from "../../harness/base/errors.js";
import type { SpiPort } from "../../harness/base/spi.js";
import { type Clock, Deadline } from "../../harness/base/time.js";
import type { Line, Straps } from "../../harness/base/wire.js";
import type { LinesConfig, SafeState } from "../file/schema.js";

const SAFE_MS = 2000;

type Step = readonly [what: string, set: (deadline: Deadline) => Promise<void>];

/**
 * Puts the lines into the rig's safe state, on time of its own: the caller's has often just expired. One line that
 * cannot be set keeps no other from being tried, nor takes its time.
 *
 * @param spi lets go of the module first: CS would feed one that is off.
 * @throws HarnessError RIG_NOT_SAFE
 */
export async function makeSafe(
  straps: Straps,
  { name, safeState }: LinesConfig,
  clock: Clock,
  spi?: SpiPort,
): Promise<void> {
  const deadline = Deadline.in(SAFE_MS, `${name}: the safe state`, clock);
  const lines = new Cleanup();
  const steps = safeLines(safeState).map(([line, asserted]): Step => [line, (own) => straps.set(line, asserted, own)]);
  if (spi !== undefined) steps.unshift(["CS", (own) => spi.select(false, own)]);
  for (const [what, set] of steps.toReversed()) {
    lines.defer(() => {
      const own = deadline.within(SAFE_MS / steps.length, `${name}: setting ${what}`);
      return own.race(set(own));
    });
  }
  try {
    await lines[Symbol.asyncDispose]();
  } catch (cause) {
    const causes: unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
    const why = [...new Set(causes.map((each) => (each instanceof Error ? each.message : String(each))))].join("; ");
    const state = `BOOT ${safeState.boot}, CHIP_EN ${safeState.chipEn}, power ${safeState.power}`;
    throw new HarnessError("RIG_NOT_SAFE", `${name}: expected ${state}; ${why}`, { cause });
  }
}

/**
 * The lines in the order in which they are set. A module that ends disabled is disabled first; one that ends enabled
 * is enabled last, since BOOT is sampled as CHIP_EN rises.
 */
function safeLines({ boot, chipEn, power }: SafeState): [Line, boolean][] {
  const others: [Line, boolean][] = [
    ["boot", boot === "asserted"],
    ["power", power === "on"],
  ];
  return chipEn === "asserted" ? [...others, ["chipEn", true]] : [["chipEn", false], ...others];
}
