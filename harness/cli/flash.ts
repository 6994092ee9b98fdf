import type { ArgumentsCamelCase, Argv } from "yargs";
import { HarnessError } from "../base/errors.js";
import { burnFuses, dryFuses, fusesAlone, planFuses } from "./efuse.js";
import { fuseJobOf, namesSource, refuseOtherKey, withEfuse } from "./efuse-job.js";
import { withLeave, withRig, withSource } from "./options.js";
import { colors, print, printJson, report, tell } from "./output.js";
import { atBench, loadBench } from "./workbench.js";

export const options = (yargs: Argv) =>
  withEfuse(withLeave(withSource(withRig(yargs)), "run"))
    .option("raw", { type: "boolean", default: false, describe: "Bytes as they are: no image or lock checks" })
    .option("erase", {
      type: "string",
      choices: ["none", "needed", "chip"] as const,
      requiresArg: true,
      describe: "Default: as the ini says; --file: needed. needed: every sector that a file touches",
    })
    .option("compress", {
      type: "string",
      choices: ["auto", "off"] as const,
      default: "auto" as const,
      requiresArg: true,
      describe: "auto: xz where it is smaller",
    })
    .option("verify", {
      type: "string",
      choices: ["hash", "read"] as const,
      default: "hash" as const,
      requiresArg: true,
      describe: "read: every byte is read back too",
    })
    .option("dry-run", { type: "boolean", default: false, describe: "Print the steps and touch nothing" })
    .example("$0 flash --firmware NCP_Binaries --profile t01 --fw-version 2.0.106", "A firmware of a package")
    .example("$0 flash --config mission_t01_flash_prog_cfg.ini --fw-version 2.0.106", "The vendor's ini")
    .example("$0 flash --file littlefs.bin --address 0x378000", "One file")
    .example("$0 flash --efuse fuses.bin", "What a file of fuses would change; nothing is written");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  const { rig, set, raw, erase, compress, verify, json, dryRun } = args;
  const bench = await loadBench({ rig, set });
  const fuses = await fuseJobOf(args, bench.config);
  if (fuses !== undefined && !namesSource(args)) return fusesAlone(bench, fuses, args);
  const [{ wantedOf }, { planOf }, { describeStep, tellStep }] = await Promise.all([
    import("./job.js"),
    import("../flash/plan.js"),
    import("../flash/step.js"),
  ]);
  const prepared = refuse(json, () => {
    const { job, expected } = wantedOf(args, bench.bay.simulated);
    return {
      expected,
      plan: planOf(job, { raw, compress, verify, erase: erase ?? (args.file === undefined ? undefined : "needed") }),
    };
  });
  if (typeof prepared === "number") return prepared;
  const { plan, expected } = prepared;
  if (fuses !== undefined) await refuseOtherKey(fuses, plan.signed);
  for (const warning of plan.warnings) tell(colors.yellow(`warning: ${warning}`));
  if (fuses !== undefined && fuses.chipId === undefined) return fusesAlone(bench, fuses, args);
  if (dryRun) {
    const efuse = fuses && (await dryFuses(fuses));
    if (json) printJson({ firmware: plan.label, steps: plan.steps.map(describeStep), efuse: efuse?.document });
    else for (const line of [...plan.steps.map(tellStep), ...(efuse?.lines ?? [])]) print(line);
    return 0;
  }
  const [{ openModule }, { programModule }, { bootModule }] = await Promise.all([
    import("../recover/open.js"),
    import("../recover/program.js"),
    import("../recover/boot.js"),
  ]);
  return atBench(
    bench,
    {
      what: `flash ${plan.label}`,
      json,
      leave: { asked: args.leave, usual: "run", worked: expected === undefined ? "rom" : "run" },
    },
    async ({ rig, deadline, observer, stages }) => {
      const opened = await openModule(rig, deadline, observer);
      const burn = fuses && (await planFuses(opened, fuses, json, deadline));
      const session = await programModule(opened, plan, deadline, observer);
      const efuse = burn && (await burnFuses(session, burn, json, deadline, observer));
      const { chipId } = session.info;
      const lineBaud = rig.wire.baud;
      // Bytes of one's own need not boot, and a module without a whole firmware does not.
      const boot = expected === undefined ? undefined : await bootModule(rig, expected, lineBaud, deadline, observer);
      if (json) printJson({ firmware: plan.label, module: chipId, stages, boot, efuse });
      else
        print(
          `${plan.label} is on module ${chipId}, verified${boot === undefined ? "" : boot.proven ? `, and boots: ${boot.banner.version}` : "; the boot is unproven"}`,
        );
      return 0;
    },
  );
}

/** What is refused was never near the module: the harness could not judge it, so exit 2 and not 1. */
function refuse<T>(json: boolean, work: () => T): T | number {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    report(error, json);
    return 2;
  }
}
