import { join } from "node:path";
import { storyIn } from "../../../reports/story.js";
import { exitCodeOf } from "../../../reports/summary.js";
import type { RigConfig } from "../../../rigs/file/schema.js";
import { describe } from "../../../rigs/guard/claim.js";
import { busyOf, resourcesOf } from "../../../rigs/guard/lock.js";
import { hasOf } from "../../../rigs/has.js";
import { isSimulated } from "../../../rigs/simulated.js";
import { HarnessError } from "../../base/errors.js";
import type { Fact } from "../../base/events.js";
import type { RigAtWork } from "../../farm/agent-parts.js";
import { profileNeed } from "../../farm/cut.js";
import type { Order } from "../../farm/messages.js";
import type { Examined } from "../../farm/rig-state.js";
import { bookRun } from "../../history/book.js";
import { History } from "../../history/history.js";
import { WearBudget } from "../../history/wear-budget.js";
import { checkRig } from "../bench/checks.js";
import { warn } from "../past/warn.js";
import { crewsOf, type Wanted } from "../run/crews.js";
import { TraceBudget } from "../run/traces.js";

/** What `farm work` was told of its rigs. */
export interface RigsWanted {
  readonly set: string[];
  /** The agent's own scenario files; none: those that ship. */
  readonly files: readonly string[];
  /** Where the reference firmware is; default: the synthetic package, for a simulated rig. */
  readonly firmware: string | undefined;
  /** Profiles of firmware that the rigs may be given. */
  readonly profiles: readonly string[];
  readonly history: string;
  /** Folder of what a look at the rig leaves. */
  readonly out: string;
}

/** Of the orders that say nothing of a run: a look at the rig. */
const LOOK = { files: [], wait: false, seed: 1, grace: 5000, deaf: 30_000 } as const;

/** A rig of this machine as an agent uses it. @param named how it was called on the command line. */
export function rigAtWork(named: string, config: RigConfig, wanted: RigsWanted): RigAtWork {
  const { name } = config;
  const simulated = isSimulated(config);
  return {
    name,
    simulated,
    has: [...hasOf(config, false), ...wanted.profiles.map(profileNeed)],
    crew(order, folder, firmware) {
      return (emit, signal, sinceMs) => {
        const traces = new TraceBudget(folder, order.traces, (message) => emit({ type: "run.warned", message }, 0));
        const hear = (fact: Fact, atMs: number) => {
          emit(fact, atMs);
          traces.hear(fact);
        };
        const [crew] = crewsOf(wantedBy(order, config, wanted.files, firmware), {
          ...{ folder, emit: hear, signal, traces, sinceMs },
        });
        if (crew === undefined) throw new HarnessError("INTERNAL", `${name}: no crew for a rig`);
        return crew;
      };
    },
    busy() {
      const busy = busyOf(resourcesOf(config));
      return busy && describe(name, busy);
    },
    examine: (signal) => examined(named, config, wanted, signal),
    async wear() {
      using history = await History.in(wanted.history);
      const { wear, module } = config;
      const worn = { name, eraseBudget: wear.eraseBudget, chipId: module?.chipId };
      return new WearBudget(simulated ? [] : [worn], history?.erases() ?? []);
    },
    async book(folder) {
      try {
        const story = storyIn(join(folder, "events.jsonl"));
        await bookRun(wanted.history, story, { folder, exitCode: exitCodeOf(story.summary) });
      } catch (error) {
        warn(`${name}: this run is not in the history of this machine`, error);
      }
    },
  };
}

const wantedBy = (order: Order, config: RigConfig, files: readonly string[], firmware: string | undefined): Wanted => ({
  configs: [config],
  files,
  wait: false,
  seed: order.seed,
  firmware,
  ...(order.profiles.length > 0 && { profile: order.profiles }),
  ...(order.versions.length > 0 && { fwVersion: order.versions }),
  timeout: order.timeoutMs,
  grace: order.graceMs,
  deaf: order.deafMs,
});

/** What can be read of the rig, and whether a firmware that is known to be good can be flashed, verified and booted there. */
async function examined(named: string, config: RigConfig, wanted: RigsWanted, signal: AbortSignal): Promise<Examined> {
  const { checks } = await checkRig({ rig: named, set: wanted.set, wait: false }, false, signal);
  const failed = checks.find(({ status }) => status === "failed");
  if (failed !== undefined) return { fault: `doctor: ${failed.id}: ${failed.found}` };
  const retired = await retiredIn(wanted.history, config.name);
  if (retired !== undefined) return { fault: retired };
  const facts: Fact[] = [];
  const [crew] = crewsOf(
    { ...LOOK, configs: [config], firmware: wanted.firmware },
    { folder: wanted.out, emit: (fact) => void facts.push(fact), signal },
  );
  if (crew === undefined) return { fault: "no crew for a rig" };
  try {
    await crew.open(true);
    const known =
      isSimulated(config) || wanted.firmware !== undefined
        ? (await crew.identify([referenceOf(config)])).known
        : NO_PACKAGE;
    if (known !== undefined && "trouble" in known)
      return { doubt: `not tried with a reference firmware: ${known.trouble}` };
    await crew.conclude(true);
  } finally {
    await crew.end();
  }
  const trouble = facts.flatMap((fact) => (fact.type === "run.warned" ? [fact.message] : []));
  if (facts.some((fact) => fact.type === "module.left" && fact.firmware !== undefined)) return doubtOf(checks);
  return { fault: trouble[0] ?? "the reference firmware was not left on the module" };
}

/** A run before has found that its lines do not become safe. */
async function retiredIn(file: string, rig: string): Promise<string | undefined> {
  using history = await History.in(file);
  const found = history?.retired().find((each) => each.rig === rig);
  return (
    found && `${found.code}: ${found.message}: \`st67-hil rig readmit --history ${file}\` tests it and takes it back`
  );
}

const NO_PACKAGE = { trouble: "`farm work` has no --firmware" };

function doubtOf(
  checks: readonly { readonly id: string; readonly status: string; readonly found: string }[],
): Examined {
  const warned = checks.find(({ status }) => status === "warned");
  return warned === undefined ? {} : { doubt: `doctor: ${warned.id}: ${warned.found}` };
}

const referenceOf = ({ reference }: RigConfig): string => `${reference?.profile}@${reference?.fwVersion}`;
