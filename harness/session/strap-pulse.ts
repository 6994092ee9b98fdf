import type { StrapTiming } from "../base/strap-timing.js";
import { type Deadline, wholeMicroseconds } from "../base/time.js";
import type { Line, Straps } from "../base/wire.js";

/** A timer of node knows no fraction of a millisecond, and is late by up to so much. */
const TIMER_MS = 2;

/** A call that drove a line. The line changed at some moment of it. */
interface Call {
  readonly beganAt: number;
  readonly endedAt: number;
}

/** A strap sequence that is under way: CHIP_EN has risen. */
interface Pulse {
  /** When the call that raised CHIP_EN returned, on the rig's clock. */
  readonly risenAt: number;
  /** Resolves once BOOT is released. */
  readonly released: Promise<Held>;
}

type Held = Omit<StrapTiming, "delayMs"> & { readonly withinMs: number };

/**
 * Drives exactly one strap sequence, from lines that stand at BOOT released and CHIP_EN high. The delay is for who sends the
 * burst. What a driver's calls take comes on top, and is measured.
 */
export async function pulse(straps: Straps, timing: StrapTiming, deadline: Deadline): Promise<Pulse> {
  const { resetMs, setupMs, holdMs } = timing;
  const drive = async (line: Line, asserted: boolean): Promise<Call> => {
    const beganAt = deadline.clock.now();
    await straps.set(line, asserted, deadline);
    return { beganAt, endedAt: deadline.clock.now() };
  };
  const setBoot = () => drive("boot", true);
  const early = setupMs > 0 && setupMs >= resetMs ? await setBoot() : undefined;
  if (early !== undefined) await waitUntil(early.endedAt + setupMs - resetMs, deadline);
  const fall = await drive("chipEn", false);
  const low = fall.endedAt + resetMs;
  if (early === undefined) await waitUntil(low - setupMs, deadline);
  const before = early ?? (setupMs > 0 ? await setBoot() : undefined);
  await waitUntil(before === undefined ? low : Math.max(low, before.endedAt + setupMs), deadline);
  const rise = await drive("chipEn", true);
  const release = async (): Promise<Held> => {
    const boot = before ?? (await setBoot());
    await waitUntil(rise.endedAt + holdMs, deadline);
    const end = await drive("boot", false);
    return heldOf({ fall, boot, rise, end });
  };
  return { risenAt: rise.endedAt, released: release() };
}

/** As near to `end` as can be: on a real clock the last of it is spent without letting go of the processor. */
export async function waitUntil(end: number, deadline: Deadline): Promise<void> {
  const { clock } = deadline;
  const jumps = clock.background !== undefined;
  const wake = jumps ? end : end - TIMER_MS;
  for (let left = wake - clock.now(); left > 0; left = wake - clock.now()) await deadline.sleep(left);
  while (clock.now() < end) deadline.signal.throwIfAborted();
}

function heldOf({ fall, boot, rise, end }: Record<"fall" | "boot" | "rise" | "end", Call>): Held {
  const between = (one: Call, other: Call) => Math.max(0, wholeMicroseconds(other.beganAt - one.endedAt));
  const spent = ([one, other]: readonly [Call, Call]) => Math.max(0, other.endedAt - one.beganAt) - between(one, other);
  const gaps = [[fall, rise] as const, [boot, rise] as const, [rise, end] as const];
  return {
    resetMs: between(fall, rise),
    setupMs: between(boot, rise),
    holdMs: between(rise, end),
    withinMs: wholeMicroseconds(Math.max(0, ...gaps.map(spent))),
  };
}
