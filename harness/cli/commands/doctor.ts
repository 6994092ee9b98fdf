import pc from "picocolors";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { loadRig } from "../../../rigs/file/load.js";
import type { RigConfig } from "../../../rigs/file/schema.js";
import { isSimulated } from "../../../rigs/simulated.js";
import { HarnessError } from "../../base/errors.js";
import type { Check, Status } from "../../doctor/check.js";
import { examine } from "../../doctor/examine.js";
import type { Opening } from "../../doctor/facts.js";
import { Host } from "../../doctor/host.js";
import { openPort, tryRates } from "../../doctor/open-port.js";
import { withRig } from "../options/options.js";
import { onInterrupt, reportEnd } from "../terminal/interrupt.js";
import { print, printJson } from "../terminal/output.js";

/** Longest that a handshake may take, with the rig's own times in it; a person with two buttons is waited for. */
const ACTIVE_MS = 600_000;

export const options = (yargs: Argv) =>
  withRig(yargs)
    .option("active", {
      type: "boolean",
      default: false,
      describe: "Also drive the lines: a handshake with the module, and its boot info",
    })
    .example("$0 doctor --rig bench-1.yaml", "Nothing is driven, reset or flashed")
    .example("$0 doctor --rig bench-1.yaml --active --json", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  using interrupt = onInterrupt();
  try {
    if (args.wait && !args.active)
      throw new HarnessError("USAGE", "--wait does not go without --active: no rig is opened, and none waited for");
    const config = loadRig(args.rig, args.set);
    const host = new Host();
    const talked = args.active ? await active(args, host, interrupt.signal) : undefined;
    const checks = await examine(config, host, {
      opening: talked?.opening,
      open: (port) => openPort(config, port, host, interrupt.signal),
      loadOnoff,
    });
    checks.push(...(talked?.checks ?? []));
    if (args.json) printJson({ rig: config.name, simulated: isSimulated(config), checks });
    else tellChecks(config, checks);
    return checks.some(({ status }) => status === "failed") ? 2 : 0;
  } catch (error) {
    return reportEnd(interrupt, error, args.json);
  }
}

/** Native code, and only where the rig needs it. */
async function loadOnoff(): Promise<string | undefined> {
  try {
    await import("onoff");
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? error.name) : String(error);
  }
}

interface Talked {
  readonly checks: readonly Check[];
  /** Of a port that nobody else may open: its modem lines are the rig's. */
  readonly opening: Opening | undefined;
}

/** The rig opened as any command opens it. The module ends off, where the line driver can hold that. */
async function active({ rig, set, wait }: Args, host: Host, signal: AbortSignal): Promise<Talked> {
  const [{ guardBench, loadBench }, { activeChecks, talk, unopened }, { leaveModule }, { Deadline }] =
    await Promise.all([
      import("../bench/workbench.js"),
      import("../../doctor/active.js"),
      import("../bench/leave.js"),
      import("../../base/time.js"),
    ]);
  const bench = await loadBench({ rig, set, wait });
  const { config } = bench;
  const deadline = Deadline.in(ACTIVE_MS, "doctor --active", bench.clock, signal, "CASE_TIMEOUT");
  const leave = { asked: undefined, usual: "off", worked: "rom" } as const;
  let opening: Opening | undefined;
  try {
    await using guarded = await guardBench(bench, signal);
    await using rig = await guarded.bay.open(deadline);
    if (config.straps.driver === "modem") opening = await tryRates(config, rig.wire, host, deadline);
    const talked = await talk(rig, deadline);
    await leaveModule(rig, leave, bench.bay.simulated, deadline, { stage: () => undefined });
    return { checks: activeChecks(talked), opening };
  } catch (error) {
    if (signal.aborted) throw error;
    return { checks: activeChecks(unopened(error)), opening };
  }
}

const SIGNS: Record<Status, string> = { passed: "✓", warned: "!", failed: "✗", "not-applicable": "-" };

/** One line a check; then what to do, where there is something to do. */
function tellChecks(config: RigConfig, checks: readonly Check[]): void {
  const colors = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
  const paint: Record<Status, (text: string) => string> = {
    passed: colors.green,
    warned: colors.yellow,
    failed: colors.red,
    "not-applicable": colors.dim,
  };
  const { name } = config;
  const width = Math.max(...checks.map(({ id }) => id.length));
  for (const { id, status, found } of checks) print(`${SIGNS[status]} ${id.padEnd(width)}  ${found}`, paint[status]);
  for (const { id, status, expected, advice } of checks) {
    if (advice === "") continue;
    const head = `${SIGNS[status]} ${id}`;
    print(`\n${head}: expected ${expected}\n  ${advice}`, (text) => text.replace(head, paint[status]));
  }
  const count = (status: Status) => checks.filter((check) => check.status === status).length;
  print(
    `\n${name}${isSimulated(config) ? ", a simulated module" : ""}: ${count("passed")} passed, ${count("warned")} warned, ${count("failed")} failed`,
  );
}
