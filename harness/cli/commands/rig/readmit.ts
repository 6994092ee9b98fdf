import type { ArgumentsCamelCase, Argv } from "yargs";
import { HarnessError } from "../../../base/errors.js";
import type { Check } from "../../../doctor/check.js";
import type { BootProof } from "../../../flash/prove.js";
import type { History, Retired } from "../../../history/history.js";
import { checkRig } from "../../bench/checks.js";
import { referenceOf } from "../../bench/recovery.js";
import { orRefusal, REFUSED } from "../../bench/refusal.js";
import { atBench, type Bench, loadBench, moduleName, rigFacts } from "../../bench/workbench.js";
import { withRig } from "../../options/options.js";
import { HISTORY, withHistory } from "../../options/past.js";
import { withTraceFile } from "../../options/trace.js";
import { tellChecks } from "../../terminal/checks-text.js";
import { onInterrupt, reportEnd } from "../../terminal/interrupt.js";
import { print, printJson } from "../../terminal/output.js";

export const options = (yargs: Argv) =>
  withHistory(withTraceFile(withRig(yargs)))
    .option("firmware", {
      type: "string",
      requiresArg: true,
      describe: "NCP_Binaries folder with the rig's reference firmware; a simulated rig has a synthetic one",
    })
    .example("$0 rig readmit --rig bench-1.yaml --firmware NCP_Binaries", "After somebody has looked at the rig");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  const { history: file = HISTORY, json } = args;
  const bench = await loadBench(args);
  const { History } = await import("../../../history/history.js");
  using history = args.history === undefined ? await History.in(file) : await namedHistory(args.history);
  const retired = history?.retired().find(({ rig }) => rig === bench.config.name);
  if (history === undefined || retired === undefined) return nothingToDo(bench, file, json);
  const reference = await orRefusal(() => prepare(args, bench), bench, json);
  if (reference === undefined) return REFUSED;
  const checks = await checked(args, bench);
  if (typeof checks === "number") return checks;
  return await readmit(bench, history, retired, { reference, checks, json });
}

const namedHistory = async (file: string): Promise<History> => (await import("../../past/open.js")).openHistory(file);

function nothingToDo(bench: Bench, file: string, json: boolean): number {
  if (json) printJson({ ...rigFacts(bench), readmitted: false, retired: null });
  else print(`${bench.config.name}: nothing to do: ${file} knows of no run that retired it`);
  return 0;
}

/** @throws HarnessError RIG_INVALID without a reference; what reading its files throws. */
async function prepare({ firmware }: Args, { config, bay }: Bench) {
  const { name, reference } = config;
  if (reference === undefined)
    throw new HarnessError("RIG_INVALID", `${name}: expected reference: { profile, fwVersion }, got none`, {
      advice: "A rig is taken back with a firmware that is known to be good: name it in the rig file, or with --set.",
    });
  return referenceOf(reference, firmware, bay.simulated);
}

/** As `doctor --active`. @returns an exit code when any of it failed: nothing was erased or written. */
async function checked(args: Args, bench: Bench): Promise<readonly Check[] | number> {
  using interrupt = onInterrupt();
  try {
    const { config, checks } = await checkRig(args, true, interrupt.signal);
    if (checks.every(({ status }) => status !== "failed")) return checks;
    if (args.json) printJson({ ...rigFacts(bench), readmitted: false, checks });
    else {
      tellChecks(config, checks);
      print(`${config.name}: not readmitted: a check has failed`);
    }
    return REFUSED;
  } catch (error) {
    return reportEnd(interrupt, error, args.json, rigFacts(bench));
  }
}

interface Test {
  readonly reference: Awaited<ReturnType<typeof referenceOf>>;
  readonly checks: readonly Check[];
  readonly json: boolean;
}

/** Once the reference firmware is flashed, verified and booted, and the lines were let go in order. Until then it stays retired. */
async function readmit(bench: Bench, history: History, retired: Retired, test: Test): Promise<number> {
  const { reference, checks, json } = test;
  const { plan, expected } = reference;
  const [{ openModule }, { flashModule }, { bootModule }] = await Promise.all([
    import("../../../recover/open.js"),
    import("../../../recover/flash.js"),
    import("../../../recover/boot.js"),
  ]);
  let proof: { readonly module: string; readonly boot: BootProof } | undefined;
  const leave = { asked: undefined, usual: "run", worked: "run" } as const;
  const exitCode = await atBench(bench, { what: "rig readmit", json, leave }, async ({ rig, deadline, observer }) => {
    const session = await flashModule(await openModule(rig, deadline, observer), plan, deadline, observer);
    const boot = await bootModule(rig, expected, rig.wire.baud, deadline, observer);
    proof = { module: session.info.chipId, boot };
    return 0;
  });
  if (exitCode !== 0 || proof === undefined) return exitCode;
  const firmware = `${expected.profile}@${expected.version}`;
  history.readmit(bench.config.name, new Date().toISOString(), firmware);
  const { module, boot } = proof;
  const { runId, code, message } = retired;
  if (json)
    printJson({
      ...rigFacts(bench),
      readmitted: true,
      retired: { runId, code, message },
      firmware,
      module,
      boot,
      checks,
    });
  else {
    const booted = boot.proven ? "boots" : "its boot is unproven";
    print(`${bench.config.name}: readmitted: ${firmware} is on ${moduleName(bench, module)}, verified, and ${booted}`);
  }
  return 0;
}
