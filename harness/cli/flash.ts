import type { ArgumentsCamelCase, Argv } from "yargs";
import { HarnessError } from "../base/errors.js";
import { withFirmware, withRig } from "./options.js";
import { colors, print, printJson, report, tell } from "./output.js";
import { atBench, loadBench } from "./workbench.js";

export const options = (yargs: Argv) =>
  withFirmware(withRig(yargs))
    .option("dry-run", { type: "boolean", default: false, describe: "Print the steps and touch nothing" })
    .example("$0 flash --firmware NCP_Binaries --profile t01 --fw-version 2.0.106", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ rig, set, firmware, profile, fwVersion, json, dryRun }: Args): Promise<number> {
  const bench = await loadBench({ rig, set });
  const { chooseFirmwares, openFirmware } = await import("./firmware-source.js");
  const [chosen] = chooseFirmwares(openFirmware(firmware, bench.bay.simulated), [profile], [fwVersion]);
  if (chosen === undefined) throw new HarnessError("FIRMWARE_NOT_FOUND", `no firmware ${profile}@${fwVersion}`);
  const plan = refuse(() => chosen.plan(), json);
  if (typeof plan === "number") return plan;
  const { describeStep, tellFinding, tellStep } = await import("../flash/plan.js");
  for (const warning of plan.warnings) tell(colors.yellow(`warning: ${tellFinding(warning)}`));
  if (dryRun) {
    if (json) printJson({ firmware: plan.label, steps: plan.steps.map(describeStep) });
    else for (const step of plan.steps) print(tellStep(step));
    return 0;
  }
  const [{ openSession }, { program }, { proveBoot }] = await Promise.all([
    import("../session/session.js"),
    import("../flash/program.js"),
    import("../flash/prove.js"),
  ]);
  return atBench(bench, `flash ${plan.label}`, json, async ({ rig, deadline, observer, stages }) => {
    const session = await openSession(rig, deadline, observer);
    await program(session, plan, deadline, observer);
    const boot = await proveBoot(rig, chosen, deadline, observer);
    const { chipId } = session.info;
    if (json) printJson({ firmware: plan.label, module: chipId, stages, boot });
    else
      print(
        `${plan.label} is on module ${chipId}, verified${boot.proven ? `, and boots: ${boot.banner.version}` : "; the boot is unproven"}`,
      );
    return 0;
  });
}

/** An image that is refused was never near the module: the harness could not judge, so exit 2 and not 1. */
function refuse<T>(work: () => T, json: boolean): T | number {
  try {
    return work();
  } catch (error) {
    report(error, json);
    return 2;
  }
}
