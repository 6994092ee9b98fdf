import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { ArmedFaults, FaultOrders, Rig } from "../base/wire.js";
import type { Plan } from "../flash/plan.js";
import { carryOut } from "../flash/program.js";
import { type Expected, proveBoot } from "../flash/prove.js";
import { refuseUnsuitable } from "../flash/suitable.js";
import { DIAGNOSTIC_BAUD } from "../recover/lower-rungs.js";
import { mayBeHelped } from "../recover/rung.js";
import { type Entered, enter, type Session, setUp } from "../session/session.js";
import type { Observer } from "../session/stage.js";
import { strap } from "../session/strap.js";
import type { Cause } from "./causes.js";
import { HostDied } from "./host-died.js";
import { type Moment, tellMoment } from "./moments.js";
import { Saboteur } from "./saboteur.js";

/** What is flashed, and what must run then. */
export interface Target {
  readonly plan: Plan;
  readonly expected: Expected;
}

/** By what: made on the host's side, or by faults that the module was ordered to make. */
export type Interruption =
  | { readonly moment: Moment; readonly cause: Cause }
  /** The host is silent for so long, before the command of that moment. */
  | { readonly moment: Moment; readonly idleMs: number }
  | { readonly faults: NonNullable<FaultOrders["faults"]> };

/** A flash that was interrupted, as it stands. */
export interface Interrupted {
  /** `write firmware 50% by power` */
  readonly by: string;
  /** What came of the attempt. */
  readonly ended: "survived" | "host died" | HarnessError;
  /** The rig as the attempt had it: what is silent stays so until the next reset. */
  readonly rig: Rig;
  /** The module as the attempt knew it; `undefined`: it never came so far, or nobody is there who knew. */
  readonly entered: Entered | undefined;
  /** Open still: all steps went well, and nothing was booted. */
  readonly session: Session | undefined;
}

/**
 * Flashes once, without any retry and without the ladder, and interrupts it.
 *
 * @throws HarnessError MOMENT_MISSED when what was to interrupt it never came; whatever ended the attempt before it did; and
 * what no rung helps against: a lost port, an abort, all time being up.
 */
export async function interrupt(
  rig: Rig,
  target: Target,
  by: Interruption,
  deadline: Deadline,
  observer: Observer,
): Promise<Interrupted> {
  const trap = trapOf(rig, target, by);
  const stand: Stand = {};
  try {
    const { moment } = { moment: undefined, ...by };
    const boots = moment?.stage === "boot";
    const ended = await tried(() => attempt(trap, target, boots, stand, deadline, observer), trap, deadline);
    if (!trap.struck) throw missed(rig, told(by));
    if (ended === "host died") return { by: told(by), ended, rig, entered: undefined, session: undefined };
    const session = ended === "survived" ? stand.session : undefined;
    return { by: told(by), ended, rig: trap.rig, entered: stand.entered, session };
  } finally {
    trap.end();
  }
}

/** What is known so far. */
interface Stand {
  entered?: Entered;
  session?: Session;
}

interface Trap {
  readonly rig: Rig;
  readonly struck: boolean;
  bootFollows(): void;
  end(): void;
}

function trapOf(rig: Rig, { plan }: Target, by: Interruption): Trap {
  if ("faults" in by) return ordered(rig, armOn(rig, { faults: by.faults }));
  const saboteur = new Saboteur(rig, plan, by.moment, by);
  return {
    rig: saboteur.rig,
    get struck() {
      return saboteur.struck;
    },
    bootFollows: () => saboteur.bootFollows(),
    end: () => undefined,
  };
}

const ordered = (rig: Rig, armed: ArmedFaults): Trap => ({
  rig,
  get struck() {
    return armed.struck;
  },
  bootFollows: () => undefined,
  end: () => armed.disarm(),
});

/** Has the rig make faults. @throws HarnessError SCENARIO_INVALID on one that makes none. */
export function armOn({ name, faults }: Rig, orders: FaultOrders): ArmedFaults {
  if (faults !== undefined) return faults.arm(orders);
  throw new HarnessError(
    "SCENARIO_INVALID",
    `${name}: this rig makes no faults to order: expected a simulated module`,
    {
      advice: 'A scenario or a case that orders faults says needs: ["faults"].',
    },
  );
}

async function attempt(
  trap: Trap,
  { plan, expected }: Target,
  boots: boolean,
  stand: Stand,
  deadline: Deadline,
  observer: Observer,
): Promise<void> {
  const { rig } = trap;
  const entered = await enter(rig, deadline, observer);
  stand.entered = entered;
  const session = await setUp(entered, loadBaudOf(rig), deadline, observer);
  await refuseUnsuitable(session, plan, deadline);
  for (const step of plan.steps) await carryOut(step, session, deadline, observer);
  if (!boots) {
    stand.session = session;
    return;
  }
  trap.bootFollows();
  await proveBoot(rig, expected, deadline, observer);
  // A rig that observes no boot had no reason to begin one.
  if (!trap.struck) await strap(rig, "application", deadline);
}

/** With `auto`, one that every adapter carries: an attempt searches for none. */
export const loadBaudOf = ({ loadBaud }: Rig): number => (loadBaud === "auto" ? DIAGNOSTIC_BAUD : loadBaud);

async function tried(work: () => Promise<void>, trap: Trap, deadline: Deadline): Promise<Interrupted["ended"]> {
  try {
    await work();
    return "survived";
  } catch (error) {
    if (error instanceof HostDied) return "host died";
    const isOver = deadline.signal.aborted || deadline.remainingMs === 0;
    if (isOver || !trap.struck || !mayBeHelped(error)) throw error;
    return error;
  }
}

function told(by: Interruption): string {
  if ("faults" in by) return by.faults.map((fault) => JSON.stringify(fault)).join(", ");
  return `${tellMoment(by.moment)} by ${"cause" in by ? by.cause : `a host that is idle for ${by.idleMs / 1000} s`}`;
}

const missed = ({ name }: Rig, by: string): HarnessError =>
  new HarnessError("MOMENT_MISSED", `${name}: ${by}: the flash went through, and that moment never came`);
