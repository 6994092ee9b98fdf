import { Cleanup } from "../../harness/base/cleanup.js";
import { HarnessError } from "../../harness/base/errors.js";
import { type Clock, Deadline } from "../../harness/base/time.js";
import type { Line, Straps } from "../../harness/base/wire.js";
import type { RigConfig, SafeState } from "../file/schema.js";

const SAFE_MS = 2000;
/** Three lines; one that hangs leaves the others their time. */
const LINE_MS = SAFE_MS / 3;

/**
 * Puts the lines into the rig's safe state, on time of its own: the caller's has often just expired. One line that
 * cannot be set keeps no other from being tried.
 *
 * @throws HarnessError RIG_NOT_SAFE
 */
export async function makeSafe(straps: Straps, { name, safeState }: RigConfig, clock: Clock): Promise<void> {
  const deadline = Deadline.in(SAFE_MS, `${name}: the safe state`, clock);
  const lines = new Cleanup();
  for (const [line, asserted] of safeLines(safeState).reverse()) {
    lines.defer(() => {
      const own = deadline.within(LINE_MS, `${name}: setting ${line}`);
      return own.race(straps.set(line, asserted, own));
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
