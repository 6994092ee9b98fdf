import type { RigConfig } from "../../../rigs/file/schema.js";
import type { GuardedBay } from "../../../rigs/guard/guard.js";
import type { Watchdog } from "../../../rigs/guard/watchdog.js";
import { refuseUnwritable } from "../../base/files.js";
import { type Clock, Deadline } from "../../base/time.js";
import type { Bay, Rig } from "../../base/wire.js";
import type { Observer, Stage } from "../../session/stage.js";
import type { Recorder } from "../../trace/recorder.js";
import { SIM } from "../options/options.js";
import { onInterrupt, reportEnd } from "../terminal/interrupt.js";
import { colors, tell } from "../terminal/output.js";
import { progressOf } from "../terminal/progress.js";
import type { Leave } from "./leave.js";
import { diagnosed, recorded, recorderOf, refuseTrace } from "./trace.js";

/** Longest that one bench command may take: a full flash over a slow adapter is a few minutes. */
const BUDGET_MS = 3_600_000;

/** A rig file, read and checked, with its clock and bay; no line was touched yet. */
export interface Bench {
  readonly config: RigConfig;
  readonly clock: Clock;
  readonly bay: Bay;
  /** Wait for a rig that somebody else uses. */
  readonly wait: boolean;
  /** Started, and without a job until the rig is opened. */
  readonly watchdog: Watchdog | undefined;
  /** Where what goes over the wire is recorded. */
  readonly trace: string | undefined;
}

/** A module in words: nobody is to take a simulated one for the one on the bench. */
export const moduleName = ({ bay }: Bench, chipId: string): string =>
  `${bay.simulated ? "simulated module" : "module"} ${chipId}`;

/** In every document that a command leaves. */
export const rigFacts = ({ config, bay }: Bench) => ({ rig: config.name, simulated: bay.simulated });

export interface RigArgs {
  readonly rig: string;
  readonly set: string[];
  readonly wait: boolean;
  readonly trace?: string | undefined;
}

/**
 * Loads a rig. A watchdog is started first of all, which takes as long as all that comes before a line is driven; where the rig
 * turns out to need none it is sent away. The simulated rig that is built in is known to need none.
 */
export async function loadBench({ rig, set, wait, trace }: RigArgs, seed = 1): Promise<Bench> {
  const early = rig === SIM ? undefined : new (await import("../../../rigs/guard/watchdog.js")).Watchdog(rig);
  const [{ loadRig }, { outlastProcess }, { clockFor, loadBay }, { randomOf }] = await Promise.all([
    import("../../../rigs/file/load.js"),
    import("../../../rigs/lines/lone-lines.js"),
    import("../../../rigs/open.js"),
    import("../../base/random.js"),
  ]);
  const config = loadRig(rig, set);
  if (trace !== undefined) await refuseTrace(trace, rig, config);
  const needed = outlastProcess(config);
  if (!needed) early?.dismiss();
  const clock = clockFor(config);
  const bay = await loadBay(config, clock, randomOf(seed, "rig"));
  return { config, clock, bay, wait, watchdog: needed ? early : undefined, trace };
}

/**
 * The bay of a bench, for us alone until it is disposed: what opens a rig opens it there. Its first opening begins with
 * what can be checked without opening anything.
 *
 * @throws HarnessError RIG_BUSY; FILE_UNWRITABLE for a simulated module that could not be kept; the signal's reason when waiting for the rig is called off.
 */
export async function guardBench({ config, bay, wait, watchdog }: Bench, signal: AbortSignal): Promise<GuardedBay> {
  if (bay.simulated && config.sim.state !== undefined) refuseUnwritable(config.sim.state);
  const { guard } = await import("../../../rigs/guard/guard.js");
  return guard(config, checkedFirst(config, bay), {
    wait,
    signal,
    watchdog,
    tell: (text) => tell(text, colors.yellow),
  });
}

/** Only once: later on it is we who hold the lines. */
export function checkedFirst(config: RigConfig, bay: Bay): Bay {
  if (bay.simulated) return bay;
  let checked = false;
  return {
    ...bay,
    async open(deadline) {
      if (!checked) (await import("../../doctor/cheap.js")).cheapChecks(config);
      checked = true;
      return bay.open(deadline);
    },
  };
}

/** Begins the trace, in the file that was asked for: nobody else has the rig. */
export const recorderFor = async ({ trace, config, bay, clock }: Bench): Promise<Recorder> =>
  recorderOf(trace, { rig: config.name, simulated: bay.simulated, side: "host" }, clock);

interface Work {
  readonly rig: Rig;
  readonly deadline: Deadline;
  readonly observer: Observer;
  /** What happened so far, for the report of a command. */
  readonly stages: readonly Stage[];
  readonly rungs: readonly { readonly rung: number; readonly what: string; readonly ok: boolean }[];
  /** How the ladder ended, each time that it was climbed. */
  readonly recoveries: readonly { readonly state: string; readonly rung: number }[];
  readonly notes: readonly string[];
}

/** Opens the rig, does the work, leaves the module as asked, and makes the lines safe if anything fails. @returns the exit code. */
export async function atBench(
  bench: Bench,
  { what, json, leave }: { readonly what: string; readonly json: boolean; readonly leave: Leave },
  work: (work: Work) => Promise<number>,
): Promise<number> {
  using interrupt = onInterrupt();
  using progress = await progressOf([bench.config]);
  const stages: Stage[] = [];
  const rungs: { rung: number; what: string; ok: boolean }[] = [];
  const recoveries: { state: string; rung: number }[] = [];
  const notes: string[] = [];
  const told: Observer = {
    begin: (stage) => progress.begin(stage),
    stage: (stage) => {
      stages.push(stage);
      progress.done(stage);
    },
    progress: (stage, done, total) => progress.update(stage, done, total),
    waiting: (what, mostMs) => progress.waiting(what, mostMs),
    rung: (rung, what, ok) => {
      rungs.push({ rung, what, ok });
      progress.note(`rung ${rung}, ${what}: ${ok ? "helped" : "no help"}`);
    },
    recovered: (state, rung) => {
      recoveries.push({ state, rung });
      progress.note(`the module is ${state} (rung ${rung})`);
    },
    note: (message) => {
      notes.push(message);
      progress.note(message);
    },
  };
  let recorder: Recorder | undefined;
  try {
    await using guarded = await guardBench(bench, interrupt.signal);
    const { bay } = guarded;
    const deadline = Deadline.in(BUDGET_MS, what, bench.clock, interrupt.signal, "CASE_TIMEOUT");
    using recording = await recorderFor(bench);
    recorder = recording;
    await using opened = await bay.open(deadline);
    const { rig, observer } = await recorded(opened, told, recording);
    recording.begin("case", what);
    const leaving = import("./leave.js");
    leaving.catch(() => undefined);
    const exitCode = await work({ rig, deadline, observer, stages, rungs, recoveries, notes });
    const { leaveModule } = await leaving;
    await leaveModule(rig, leave, bay.simulated, deadline, observer);
    recording.end("case", what);
    return exitCode;
  } catch (error) {
    progress.stop();
    return reportEnd(interrupt, await diagnosed(error, recorder), json, rigFacts(bench));
  }
}
