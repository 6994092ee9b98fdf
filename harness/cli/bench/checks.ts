import { loadRig } from "../../../rigs/file/load.js";
import type { RigConfig } from "../../../rigs/file/schema.js";
import type { Check } from "../../doctor/check.js";
import { examine } from "../../doctor/examine.js";
import type { Opening } from "../../doctor/facts.js";
import { Host } from "../../doctor/host.js";
import { openPort, tryRates } from "../../doctor/open-port.js";
import type { Observer } from "../../session/stage.js";
import { recorded } from "./trace.js";
import type { RigArgs } from "./workbench.js";

/** Longest that a handshake may take, with the rig's own times in it; a person with two buttons is waited for. */
const ACTIVE_MS = 600_000;

/**
 * Every check of a rig. @param active also drives the lines: a handshake, and the module's boot info.
 *
 * @throws HarnessError RIG_INVALID and the like; the signal's reason.
 */
export async function checkRig(
  args: RigArgs,
  isActive: boolean,
  signal: AbortSignal,
): Promise<{ readonly config: RigConfig; readonly checks: readonly Check[] }> {
  const config = loadRig(args.rig, args.set);
  const host = new Host();
  const talked = isActive ? await active(args, host, signal) : undefined;
  const checks = await examine(config, host, {
    opening: talked?.opening,
    readyWhenOff: talked?.readyWhenOff,
    open: (port) => openPort(config, port, host, signal),
    loadOnoff: () => whyNot(import("onoff")),
    loadSpi: () => whyNot(import("spi-device")),
  });
  return { config, checks: [...checks, ...(talked?.checks ?? [])] };
}

/** Why native code does not load; it is asked for only where the rig needs it. */
async function whyNot(loading: Promise<unknown>): Promise<string | undefined> {
  try {
    await loading;
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? error.name) : String(error);
  }
}

interface Talked {
  readonly checks: readonly Check[];
  /** Of a port that nobody else may open: its modem lines are the rig's. */
  readonly opening: Opening | undefined;
  readonly readyWhenOff?: boolean | undefined;
}

const QUIET: Observer = { stage: () => undefined };

/** The rig opened as any command opens it. The module ends off, where the line driver can hold that. */
async function active(args: RigArgs, host: Host, signal: AbortSignal): Promise<Talked> {
  const [{ guardBench, loadBench, recorderFor }, { activeChecks, talk, unopened }, { leaveModule }, { Deadline }] =
    await Promise.all([
      import("./workbench.js"),
      import("../../doctor/active.js"),
      import("./leave.js"),
      import("../../base/time.js"),
    ]);
  const bench = await loadBench(args);
  const { config } = bench;
  const deadline = Deadline.in(ACTIVE_MS, "doctor --active", bench.clock, signal, "CASE_TIMEOUT");
  const leave = { asked: undefined, usual: "off", worked: "rom" } as const;
  let opening: Opening | undefined;
  try {
    await using guarded = await guardBench(bench, signal);
    using recorder = await recorderFor(bench);
    await using opened = await guarded.bay.open(deadline);
    const { rig } = await recorded(opened, QUIET, recorder);
    if (config.straps.driver === "modem") opening = await tryRates(config, rig.wire, host, deadline);
    const talked = await talk(rig, deadline);
    await leaveModule(rig, leave, bench.bay.simulated, deadline, QUIET);
    return { checks: activeChecks(talked), opening, readyWhenOff: talked.readyWhenOff };
  } catch (error) {
    if (signal.aborted) throw error;
    return { checks: activeChecks(unopened(error)), opening };
  }
}
