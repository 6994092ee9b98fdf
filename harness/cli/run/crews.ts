import { appendFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { RigConfig } from "../../../rigs/file/schema.js";
import { thisProcess } from "../../../rigs/guard/lock.js";
import { hasOf } from "../../../rigs/has.js";
import { terminalOf } from "../../../rigs/lines/terminal.js";
import type { Fact } from "../../base/events.js";
import type { StrapTiming } from "../../base/strap-timing.js";
import { SystemClock } from "../../base/time.js";
import { Crew } from "../../run/lanes/crew.js";
import { LaneHost } from "../../run/lanes/host.js";
import { list } from "../options/options.js";
import { colors, tell } from "../terminal/output.js";
import type { Setup } from "./setup.js";
import type { TraceBudget } from "./traces.js";

const PROGRAM = fileURLToPath(new URL("./lane-process.js", import.meta.url));

/** What lanes write by themselves is kept up to here: a loop that never ends must not fill the disk. */
const LOG_BYTES = 16 * 1024 * 1024;

/** What the options of `run` and `list` say of lanes. */
export interface Wanted {
  readonly configs: readonly RigConfig[];
  /** Scenario files; none: those that ship. */
  readonly files: readonly string[];
  readonly wait: boolean;
  readonly seed: number;
  readonly profile?: readonly string[] | undefined;
  readonly fwVersion?: readonly string[] | undefined;
  readonly firmware?: string | undefined;
  readonly timeout?: number | undefined;
  /** The points of a sweep. */
  readonly strapTimings?: readonly StrapTiming[] | undefined;
  /** Milliseconds; see `Patience`. */
  readonly grace: number;
  readonly deaf: number;
}

interface Told {
  readonly signal: AbortSignal;
  /** The run's folder; `undefined`: no case will be run. */
  readonly folder: string | undefined;
  readonly emit: (fact: Fact, atMs: number) => void;
  /** Where the rigs' clocks go on, in ms. */
  readonly sinceMs?: number;
  /** Whose traces are kept. */
  readonly traces?: TraceBudget | undefined;
  /** Books a rig that was retired. */
  readonly remember?: () => Promise<void>;
}

/** A crew for each rig. No process was started, nothing opened or locked. */
export function crewsOf(
  wanted: Wanted,
  { folder = "", emit, signal, traces, sinceMs: beganMs = 0, remember = async () => undefined }: Told,
): Crew[] {
  const { configs, files, wait, seed, firmware, timeout: timeoutMs, strapTimings } = wanted;
  const patience = { graceMs: wanted.grace, deafMs: wanted.deaf, loadMs: wanted.deaf };
  const terminal = terminalOf();
  const holder = thisProcess();
  const of = {
    holder,
    wait,
    seed,
    folder,
    timeoutMs,
    strapTimings,
    profiles: list("profile", wanted.profile),
    versions: list("fw-version", wanted.fwVersion),
  };
  return configs.map((config) => {
    const log = logOf(folder === "" ? undefined : join(folder, `lane-${config.name.replace(/[^\w.-]+/g, "-")}.log`));
    return new Crew({
      rig: { name: config.name, has: hasOf(config, terminal.isTTY), reference: referenceLabel(config) },
      clock: new SystemClock(),
      start: (hear, sinceMs) => {
        const isTTY = terminal.isTTY;
        const absolute = firmware === undefined ? {} : { firmware: resolve(firmware) };
        const setup: Setup = { ...of, ...absolute, config, sinceMs, isTTY };
        return new LaneHost(PROGRAM, setup, hear, log);
      },
      emit,
      remember,
      traces: () => traces?.keep ?? "all",
      left: (name, attempt) => traces?.left(name, attempt) ?? [],
      sinceMs: beganMs,
      tell: (text) => tell(text, colors.yellow),
      ask: (prompt, stop) => terminal.ask(prompt, stop),
      signal,
      shipped: files.length === 0,
      files,
      patience,
    });
  });
}

const referenceLabel = ({ reference }: RigConfig): string | undefined =>
  reference && `${reference.profile}@${reference.fwVersion}`;

/** Once the run's folder is there; before that a run has not begun, and people read it. */
function logOf(file: string | undefined): (text: string) => void {
  let room = LOG_BYTES;
  return (text) => {
    if (room <= 0) return;
    room -= Buffer.byteLength(text);
    try {
      appendFileSync(file ?? "", text);
    } catch {
      tell(text.trimEnd());
    }
  };
}
