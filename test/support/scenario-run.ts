import type { Fact } from "../../harness/base/events.js";
import type { StrapTiming } from "../../harness/base/strap-timing.js";
import type { Bay, Rig } from "../../harness/base/wire.js";
import { type FirmwarePackage, loadFirmware } from "../../harness/firmware/package.js";
import { planOf } from "../../harness/flash/plan.js";
import { expand } from "../../harness/run/matrix.js";
import { type Ended, runCase } from "../../harness/run/runner.js";
import type { Bench, Firmware, Scenario } from "../../harness/run/scenario.js";
import type { SimModule } from "../../harness/sim/module.js";
import { simBench } from "./bench.js";
import { scratch } from "./scratch.js";

/** A package's firmwares as `run` has them. */
export const firmwaresOf = (pkg: FirmwarePackage): Firmware[] =>
  pkg.firmwares.map(({ profile, version }) => {
    const load = () => loadFirmware(pkg, profile, version);
    return { profile, version, label: `${profile}@${version}`, load, plan: () => planOf(load()) };
  });

interface Setting {
  readonly firmwares: readonly Firmware[];
  readonly strapTimings?: readonly StrapTiming[];
  /** The `sim:` section of a rig file. */
  readonly sim?: Record<string, unknown>;
  readonly rig?: Partial<Rig> | ((module: SimModule) => Partial<Rig>);
  readonly bay?: Partial<Bay>;
  /** The rig's reference. */
  readonly known?: Firmware;
  /** Part of the names of the cases that run. */
  readonly only?: string;
  /** A bench on which something is not as the scenario believes. */
  readonly twist?: (bench: Bench, module: SimModule) => Bench;
}

export interface Played {
  readonly name: string;
  readonly ended: Ended;
  readonly facts: readonly Fact[];
  readonly module: SimModule;
}

/** Runs the cases of a scenario, each on a simulated module of its own, on a virtual clock. */
export async function playScenario(scenario: Scenario, setting: Setting): Promise<Played[]> {
  const { firmwares, strapTimings, sim, rig: some, bay: about, only = "", known, twist = (bench) => bench } = setting;
  using folder = scratch();
  const played: Played[] = [];
  for (const one of expand(scenario, { firmwares, strapTimings }, 3_600_000)) {
    if (!one.name.includes(only)) continue;
    const { rig: bare, clock, module } = simBench(sim, typeof some === "function" ? {} : some);
    const rig = typeof some === "function" ? { ...bare, ...some(module) } : bare;
    const open = async () => ({ ...rig, [Symbol.asyncDispose]: async () => undefined });
    const bay: Bay = { name: "bench", labels: [], simulated: true, open, ...about };
    const facts: Fact[] = [];
    const { signal } = new AbortController();
    const run: typeof one.run = (bench, parameter) => one.run(twist(bench, module), parameter);
    const reference = known && { known: { firmware: known } };
    const context = {
      clock,
      ...reference,
      emit: (fact: Fact) => void facts.push(fact),
      signal,
      seed: 1,
      folder: folder.path,
    };
    played.push({ name: one.name, ended: await runCase({ ...one, run }, bay, context), facts, module });
  }
  return played;
}
