import pkg from "../../../package.json" with { type: "json" };
import type { RigConfig } from "../../../rigs/file/schema.js";
import { refuseCollisions } from "../../base/collisions.js";
import { HarnessError, unfolded } from "../../base/errors.js";
import type { Clock } from "../../base/time.js";
import type { Rig } from "../../base/wire.js";
import type { Observer } from "../../session/stage.js";
import type { TraceHeader } from "../../trace/record.js";
import type { Recorder } from "../../trace/recorder.js";
import { colors, tell } from "../terminal/output.js";

/**
 * Before the rig is touched. @param simulated whether the `sim:` section counts.
 *
 * @throws HarnessError FILE_UNWRITABLE; USAGE for a file that the rig needs.
 */
export async function refuseTrace(path: string, rig: string, config: RigConfig, simulated?: boolean): Promise<void> {
  const [{ refuseTarget }, { rigPaths }] = await Promise.all([import("../../trace/target.js"), import("./paths.js")]);
  const { written, read } = rigPaths(rig, config, simulated);
  refuseCollisions([{ name: "--trace", path }, ...written], read);
  refuseTarget(path);
}

/**
 * A trace that ends before its time is told, and stops nothing.
 *
 * @param path none: it is kept in memory, for the diagnosis of what fails.
 * @throws HarnessError FILE_UNWRITABLE.
 */
export async function recorderOf(
  path: string | undefined,
  { rig, simulated, side }: Pick<TraceHeader, "rig" | "simulated" | "side">,
  clock: Clock,
): Promise<Recorder> {
  const { Recorder } = await import("../../trace/recorder.js");
  const lost = (why: string) => tell(`warning: ${why}`, colors.yellow);
  return new Recorder(path, { harness: pkg.version, rig, simulated, side }, clock, lost);
}

/** The rig and the observer, recorded from here on. */
export async function recorded(
  rig: Rig,
  observer: Observer,
  recorder: Recorder,
): Promise<{ readonly rig: Rig; readonly observer: Observer }> {
  const { withTrace } = await import("../../trace/traced-rig.js");
  return {
    rig: withTrace(rig, recorder),
    observer: {
      ...observer,
      begin: (stage) => {
        recorder.begin("stage", stage);
        observer.begin?.(stage);
      },
      stage: (stage) => {
        recorder.end("stage", stage.stage);
        observer.stage(stage);
      },
      note: (message) => {
        recorder.mark({ type: "note", text: message });
        observer.note?.(message);
      },
    },
  };
}

/** What was thrown, with what the wire tells of it: the first of it alone led to the rest. */
export async function diagnosed(thrown: unknown, recorder: Recorder | undefined): Promise<unknown> {
  const [error, ...others] = unfolded(thrown);
  if (recorder === undefined || !(error instanceof HarnessError) || error.diagnosis.length > 0) return thrown;
  const { diagnosisOf } = await import("../../diagnose/of-failure.js");
  const diagnosis = diagnosisOf(error, recorder.recent);
  if (diagnosis.length === 0) return thrown;
  const { code, message, details, advice } = error;
  const told = new HarnessError(code, message, { cause: error, details, advice, diagnosis });
  return others.length === 0 ? told : new AggregateError([told, ...others]);
}
