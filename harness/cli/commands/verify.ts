import type { ArgumentsCamelCase, Argv } from "yargs";
import { hexNumber } from "../../base/hex.js";
import { tellLeftOut } from "../../flash/left-out.js";
import { stayAwake } from "../bench/awake.js";
import { orRefusal, REFUSED } from "../bench/refusal.js";
import { atBench, loadBench, moduleName, rigFacts } from "../bench/workbench.js";
import { withLeave, withRig, withSource } from "../options/options.js";
import { withTraceFile } from "../options/trace.js";
import { colors, print, printJson, tell } from "../terminal/output.js";

export const options = (yargs: Argv) =>
  withLeave(withSource(withTraceFile(withRig(yargs))), "off")
    .option("raw", { type: "boolean", default: false, describe: "Bytes as they are: no image checks" })
    .example("$0 verify --firmware NCP_Binaries --profile t01 --fw-version 2.0.106", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  const { json } = args;
  using _ = stayAwake(args);
  const bench = await loadBench(args);
  const [{ wantedOf }, { planOf }, { openModule }, { isRefusal, onceMore }, { verifyPlan }, { refuseBeyond }] =
    await Promise.all([
      import("../options/source.js"),
      import("../../flash/plan.js"),
      import("../../recover/open.js"),
      import("../../recover/trouble.js"),
      import("../../flash/verify.js"),
      import("../../flash/suitable.js"),
    ]);
  const { simulated } = bench.bay;
  const plan = await orRefusal(
    async () => {
      const { job } = await wantedOf(args, simulated);
      return planOf(job, { raw: args.raw, erase: "none", compress: "off" });
    },
    bench,
    json,
  );
  if (plan === undefined) return REFUSED;
  const { leftOut } = plan;
  for (const warning of plan.warnings) tell(`warning: ${warning}`, colors.yellow);
  return atBench(
    bench,
    { what: `verify ${plan.label}`, json, leave: { asked: args.leave, usual: "off", worked: "rom" } },
    async ({ rig, deadline, observer }) => {
      const compare = async () => {
        const session = await openModule(rig, deadline, observer);
        await refuseBeyond(session, plan.flashBytes, plan.label, deadline);
        return { session, different: await verifyPlan(session, plan, deadline, observer) };
      };
      const { session, different } = await onceMore(rig.name, deadline, observer, compare, isRefusal);
      if (json)
        printJson({
          ...rigFacts(bench),
          firmware: plan.label,
          module: session.info.chipId,
          equal: different.length === 0,
          different,
          leftOut,
        });
      else if (different.length === 0)
        print(
          `${plan.label} is what ${moduleName(bench, session.info.chipId)} holds${tellLeftOut("not compared", leftOut)}`,
        );
      else {
        for (const { expected, found, told } of different) print(`${tellDifference(expected, found)}; ${told}`);
        const module = moduleName(bench, session.info.chipId);
        print(`${plan.label} is not what ${module} holds${tellLeftOut("not compared", leftOut)}`);
      }
      return different.length === 0 ? 0 : 1;
    },
  );
}

const tellDifference = (
  { file, address, bytes, sha256 }: { file: string; address: number; bytes: number; sha256: string },
  found: string,
): string => `${file} differs: ${bytes} bytes at ${hexNumber(address)}: expected SHA-256 ${sha256}, found ${found}`;
