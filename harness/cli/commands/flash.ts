import { join } from "node:path";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { HarnessError } from "../../base/errors.js";
import { tellLeftOut } from "../../flash/left-out.js";
import type { Plan } from "../../flash/plan.js";
import type { Expected } from "../../flash/prove.js";
import type { StreamFolder } from "../../flash/stream-folder.js";
import type { Recovery } from "../../recover/rung.js";
import { stayAwake } from "../bench/awake.js";
import { orRefusal, REFUSED } from "../bench/refusal.js";
import { atBench, type Bench, loadBench, moduleName, rigFacts } from "../bench/workbench.js";
import { burnFuses, dryFuses, fusesAlone, planFuses } from "../fuses/burn.js";
import { type FuseJob, fuseJobOf, namesSource, refuseOtherKey, withEfuse } from "../fuses/job.js";
import { withLeave, withRig, withSource } from "../options/options.js";
import { withTraceFile } from "../options/trace.js";
import { tellBoot } from "../terminal/boot-text.js";
import { colors, print, printJson, tell } from "../terminal/output.js";

export const options = (yargs: Argv) =>
  withEfuse(withLeave(withSource(withTraceFile(withRig(yargs))), "run"))
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
      requiresArg: true,
      describe: "auto: xz where it is smaller; default: auto",
    })
    .option("verify", {
      type: "string",
      choices: ["hash", "read"] as const,
      requiresArg: true,
      describe: "read: every byte is read back too; default: hash",
    })
    .option("delta", {
      type: "boolean",
      default: false,
      describe: "Ask for SHA-256 first, erase and send only what differs; proven by hash over all of it",
    })
    .option("recover", {
      type: "string",
      choices: ["1", "2", "3", "4", "5", "6", "7", "8"] as const,
      requiresArg: true,
      describe: "Highest rung of the recovery ladder; from 7 on the whole flash may be lost. Default: 4",
    })
    .option("ota", {
      type: "string",
      requiresArg: true,
      describe: "An update (.bin.ota, .xz.ota) through the running firmware, over SPI",
    })
    .option("dry-run", { type: "boolean", default: false, describe: "Print the steps and touch nothing" })
    .example("$0 flash --firmware NCP_Binaries --profile t01 --fw-version 2.0.106", "A firmware of a package")
    .example("$0 flash --config mission_t01_flash_prog_cfg.ini --fw-version 2.0.106", "The vendor's ini")
    .example("$0 flash --file littlefs.bin --address 0x378000", "One file")
    .example("$0 flash --profile t01 --fw-version 2.0.106 --delta", "The same in the end, sooner where most is there")
    .example(
      "$0 flash --profile t02 --fw-version 2.0.106 --recover 7",
      "A module that seems bricked: erase it all if need be",
    )
    .example("$0 flash --rig bench-1 --ota st67w611m_mission_t01_v2.0.106.bin.ota", "An update over the air")
    .example("$0 flash --efuse fuses.bin", "What a file of fuses would change; nothing is written");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

/** What will be done, decided before the rig is opened. */
interface Prepared {
  readonly plan: Plan;
  /** What must run afterwards; `undefined`: bytes of one's own need not boot. */
  readonly expected: Expected | undefined;
  readonly fuses: FuseJob | undefined;
  readonly recovery: Recovery;
  readonly kept: StreamFolder | undefined;
}

/** Compressed files of earlier flashes. A simulated module waits for nothing. */
const STREAMS = join("out", "xz");

export async function run(args: Args): Promise<number> {
  if (args.ota !== undefined) return (await import("../spi/update.js")).updateOverSpi(args, args.ota);
  if (args.dryRun && args.trace !== undefined)
    throw new HarnessError("USAGE", "--trace does not go with --dry-run: nothing goes over the wire");
  if (args.delta && args.verify === "read")
    throw new HarnessError(
      "USAGE",
      "--verify read does not go with --delta: it reads each byte that --delta leaves as it is",
    );
  using _ = stayAwake(args);
  const bench = await loadBench(args);
  const fuses = await fuseJobOf(args, bench.config);
  if (fuses !== undefined && !namesSource(args)) {
    refuseFlashOptions(args);
    return fusesAlone(bench, fuses, args);
  }
  const prepared = await orRefusal(() => prepare(args, bench, fuses), bench, args.json);
  if (prepared === undefined) return REFUSED;
  for (const warning of prepared.plan.warnings) tell(`warning: ${warning}`, colors.yellow);
  if (fuses !== undefined && fuses.chipId === undefined) return fusesAlone(bench, fuses, args);
  if (args.dryRun) return preview(bench, prepared, args);
  try {
    return await flash(bench, prepared, args);
  } finally {
    prepared.kept?.keep();
  }
}

/** Nothing is flashed: what speaks of a flash would mean nothing. */
function refuseFlashOptions({ raw, delta, erase, compress, verify, recover }: Args): void {
  const flags = { raw: raw || undefined, delta: delta || undefined };
  const [[name] = []] = Object.entries({ ...flags, erase, compress, verify, recover }).filter(
    ([, value]) => value !== undefined,
  );
  if (name !== undefined)
    throw new HarnessError("USAGE", `--${name}: nothing is flashed with --efuse alone; name what to flash, too`);
}

async function prepare(args: Args, { bay, config }: Bench, fuses: FuseJob | undefined): Promise<Prepared> {
  const [{ wantedOf }, { planOf }, { StreamFolder }, { recoveryOf }, { FIRST_DESTRUCTIVE, LAST_RUNG, spares }] =
    await Promise.all([
      import("../options/source.js"),
      import("../../flash/plan.js"),
      import("../../flash/stream-folder.js"),
      import("../bench/recovery.js"),
      import("../../recover/rung.js"),
    ]);
  const { raw, compress, verify, file, firmware } = args;
  const recover = args.recover === undefined ? undefined : Number(args.recover);
  const recovery = await recoveryOf({ recover, firmware }, config, bay.simulated);
  // The last rung takes the rig's reference firmware from the same folder.
  const { job, expected } = await wantedOf(args, bay.simulated, recover === LAST_RUNG);
  const erase = args.erase ?? (file === undefined ? undefined : "needed");
  const kept = bay.simulated ? undefined : new StreamFolder(STREAMS);
  const plan = planOf(job, { raw, compress, verify, erase, kept });
  if (args.delta) await refuseNoDelta(plan);
  if (recover !== undefined && recover >= FIRST_DESTRUCTIVE && spares(plan)) {
    const [spared, by] =
      plan.keeps.length > 0 ? ["keeps a range of it", "skip_mode"] : ["lets nothing be erased", "erase none"];
    throw new HarnessError(
      "RECOVERY_REFUSED",
      `--recover ${recover}: it erases the whole chip, and ${plan.label} ${spared} (${by})`,
      { advice: `Leave ${by} away, or --recover at ${FIRST_DESTRUCTIVE - 1} at most.` },
    );
  }
  if (fuses !== undefined) await refuseOtherKey(fuses, plan.signed);
  return { plan, expected, fuses, recovery, kept };
}

async function refuseNoDelta(plan: Plan): Promise<void> {
  const { unwanted } = await import("../../flash/wanted.js");
  const why = unwanted(plan);
  if (why !== undefined) throw new HarnessError("USAGE", `--delta: ${why}`);
}

async function preview(bench: Bench, { plan, fuses }: Prepared, { json, delta }: Args): Promise<number> {
  const [{ describeStep, tellStep }, { questionsOf, tellQuestion }] = await Promise.all([
    import("../../flash/step.js"),
    import("../../flash/wanted.js"),
  ]);
  const efuse = fuses && (await dryFuses(fuses));
  const { label: firmware, steps, leftOut } = plan;
  const asked = delta ? questionsOf(plan) : undefined;
  const document = { firmware, delta: asked && { asked }, steps: steps.map(describeStep), leftOut };
  if (json) printJson({ ...rigFacts(bench), ...document, efuse: efuse?.document });
  else {
    if (asked !== undefined) for (const line of [...asked.map(tellQuestion), DELTA]) print(line);
    for (const line of [...steps.map(tellStep), ...(efuse?.lines ?? [])]) print(line);
    if (leftOut.length > 0) print(`${firmware}${tellLeftOut("not written", leftOut)}`);
  }
  return 0;
}

/** Behind the questions of a dry run, and before its steps. */
const DELTA = "what differs of that is erased and written, and all of it compared again; where too much does, instead:";

async function flash(bench: Bench, prepared: Prepared, { json, leave, delta: byDelta }: Args): Promise<number> {
  const { plan, expected, fuses, recovery } = prepared;
  const [{ beginWrites }, { openModule }] = await Promise.all([
    import("../../flash/step.js"),
    import("../../recover/open.js"),
  ]);
  const worked = expected === undefined ? "rom" : "run";
  const how = { what: `flash ${plan.label}`, json, leave: { asked: leave, usual: "run", worked } } as const;
  return atBench(bench, how, async ({ rig, deadline, observer, ...told }) => {
    if (!byDelta) beginWrites(plan.steps);
    const opening = openModule(rig, deadline, observer, recovery);
    const following = loadFollowing(byDelta);
    following.catch(() => undefined);
    const opened = await opening;
    const { flashModule, bootModule, delta: parts } = await following;
    const burn = fuses && (await planFuses(opened, fuses, json, deadline));
    const { session, delta } = parts
      ? await parts.flashDelta(opened, plan, deadline, observer, recovery)
      : { session: await flashModule(opened, plan, deadline, observer, recovery), delta: undefined };
    const efuse = burn && (await burnFuses(session, burn, json, deadline, observer));
    const module = session.info.chipId;
    const boot = expected && (await bootModule(rig, expected, rig.wire.baud, deadline, observer));
    const { stages, rungs, recoveries, notes } = told;
    const recovered = recoveries.at(-1);
    const { label: firmware, leftOut } = plan;
    if (json)
      printJson({ ...rigFacts(bench), firmware, module, leftOut, delta, stages, rungs, recovered, notes, boot, efuse });
    else {
      const how = `verified${delta && parts ? ` (${parts.tellDelta(delta)})` : ""}${tellLeftOut("not written", leftOut)}`;
      print(`${firmware} is on ${moduleName(bench, module)}, ${how}${tellBoot(boot)}`);
    }
    return 0;
  });
}

/** What follows the opening of the module: loaded meanwhile, since most of that is waiting for a strap sequence. */
async function loadFollowing(byDelta: boolean) {
  const [{ flashModule }, { bootModule }, delta] = await Promise.all([
    import("../../recover/flash.js"),
    import("../../recover/boot.js"),
    byDelta ? import("../../recover/delta.js") : undefined,
  ]);
  return { flashModule, bootModule, delta };
}
