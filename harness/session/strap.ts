import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig, Straps } from "../base/wire.js";

/** Which program the module starts: BOOT is sampled when CHIP_EN rises. */
export type Start = "rom" | "application";

/**
 * Resets the module into its boot ROM or its application, with the vendor's own sequence: BOOT set, CHIP_EN low,
 * `resetMs`, CHIP_EN high, `strapHoldMs`, BOOT released. What was received before the module rose is dropped.
 *
 * @returns when CHIP_EN rose, on the rig's clock.
 * @throws HarnessError LINES_NOT_DRIVEN when the rig drives no lines.
 */
export async function strap(rig: Rig, start: Start, deadline: Deadline): Promise<number> {
  const { risenAt, released } = await rise(rig, start, deadline);
  await released;
  return risenAt;
}

/** A strap sequence that is under way: CHIP_EN has risen. */
export interface Rise {
  /** On the rig's clock. */
  readonly risenAt: number;
  /** Resolves once BOOT is released. Whoever began the sequence awaits it before anything else moves a line. */
  readonly released: Promise<void>;
}

/** As `strap`, whose last part goes on beside the caller. */
export async function rise(rig: Rig, start: Start, deadline: Deadline): Promise<Rise> {
  const straps = linesOf(rig);
  const { resetMs, strapHoldMs } = rig.timing;
  await straps.set("boot", start === "rom", deadline);
  await straps.set("chipEn", false, deadline);
  await hold(resetMs, deadline);
  rig.wire.drop();
  await straps.set("chipEn", true, deadline);
  const risenAt = deadline.clock.now();
  const release = async () => {
    await hold(strapHoldMs, deadline);
    await straps.set("boot", false, deadline);
  };
  const released = release();
  released.catch(() => undefined);
  return { risenAt, released };
}

/** The last strap sequence of some work, as long as it holds BOOT. */
export class Hold {
  #released: Promise<void> = Promise.resolve();

  /** Resolves once BOOT is released. @throws what kept it from being. */
  get released(): Promise<void> {
    return this.#released;
  }

  begin({ released }: Rise): void {
    this.#released = released;
  }
}

/** Work that may go on while BOOT is held: it is released when this resolves or rejects. A line that fails comes first. */
export async function holding<T>(work: (hold: Hold) => Promise<T>): Promise<T> {
  const hold = new Hold();
  try {
    return await work(hold);
  } finally {
    await hold.released;
  }
}

/** CHIP_EN low for `resetMs`, then high, with BOOT released; it does not wait for anything to start. */
export async function reset(rig: Rig, deadline: Deadline): Promise<void> {
  const straps = linesOf(rig);
  await straps.set("boot", false, deadline);
  await straps.set("chipEn", false, deadline);
  await hold(rig.timing.resetMs, deadline);
  rig.wire.drop();
  await straps.set("chipEn", true, deadline);
}

/** Takes the supply away for `powerOffMs`; CHIP_EN is low meanwhile, since it would feed a module without supply. */
export async function powerCycle(rig: Rig, deadline: Deadline): Promise<void> {
  const straps = linesOf(rig);
  await straps.set("chipEn", false, deadline);
  await straps.set("power", false, deadline);
  await hold(rig.timing.powerOffMs, deadline);
  await straps.set("power", true, deadline);
}

/** Never shorter than `ms`, from now on: a timer that fired early is waited for again. A longer pulse is harmless. */
async function hold(ms: number, deadline: Deadline): Promise<void> {
  const end = deadline.clock.now() + ms;
  for (let left = ms; left > 0; left = end - deadline.clock.now()) await deadline.sleep(left);
}

export function linesOf({ name, straps }: Rig): Straps {
  if (straps !== undefined) return straps;
  throw new HarnessError("LINES_NOT_DRIVEN", `${name}: this rig drives neither BOOT nor CHIP_EN`);
}
