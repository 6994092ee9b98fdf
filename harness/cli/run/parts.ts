import pkgFile from "../../../package.json" with { type: "json" };
import { guard } from "../../../rigs/guard/guard.js";
import type { Terminal } from "../../../rigs/lines/terminal.js";
import { clockFor, loadBay } from "../../../rigs/open.js";
import { randomOf } from "../../base/random.js";
import type { LaneParts } from "../../run/lanes/lane.js";
import { loadScenario } from "../../run/load.js";
import { checkedFirst } from "../bench/workbench.js";
import { chooseFirmwares, knownGood, once, openFirmware } from "../options/firmwares.js";
import type { Setup } from "./setup.js";

/** Puts a lane together; the scenarios, their firmware and the rig are touched when they are asked for. */
export async function partsOf(setup: Setup, terminal: Terminal): Promise<LaneParts> {
  const { config, seed, folder, timeoutMs, sinceMs, wait, holder, strapTimings } = setup;
  const clock = clockFor(config);
  const bay = await loadBay(config, clock, randomOf(seed, "rig"), terminal);
  const pkg = once(() => openFirmware(setup.firmware, bay.simulated));
  return {
    bay,
    clock,
    seed,
    harness: pkgFile.version,
    folder,
    timeoutMs,
    sinceMs,
    ...(strapTimings === undefined
      ? {
          matrix: async () => ({ firmwares: chooseFirmwares(await pkg(), setup.profiles, setup.versions) }),
          known: once(async () => knownGood(await pkg(), config)),
        }
      : {
          matrix: async () => ({ firmwares: [], strapTimings }),
          known: async () => ({ trouble: "a sweep programs nothing" }),
        }),
    shipped: async () => (await import("../../../scenarios/index.js")).SCENARIOS,
    load: loadScenario,
    guard: (signal) => guard(config, checkedFirst(config, bay), { wait, signal, holder, tell: terminal.tell }),
  };
}
