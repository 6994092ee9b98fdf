import type { ArgumentsCamelCase, Argv } from "yargs";
import { HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";
import { withFirmware, withRig } from "./options.js";
import { print, printJson } from "./output.js";
import { atBench, loadBench } from "./workbench.js";

export const options = (yargs: Argv) =>
  withFirmware(withRig(yargs)).example("$0 verify --firmware NCP_Binaries --profile t01 --fw-version 2.0.106", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ rig, set, firmware, profile, fwVersion, json }: Args): Promise<number> {
  const bench = await loadBench({ rig, set });
  const { chooseFirmwares, openFirmware } = await import("./firmware-source.js");
  const [chosen] = chooseFirmwares(openFirmware(firmware, bench.bay.simulated), [profile], [fwVersion]);
  if (chosen === undefined) throw new HarnessError("FIRMWARE_NOT_FOUND", `no firmware ${profile}@${fwVersion}`);
  const plan = chosen.plan();
  const [{ openSession }, { verifyPlan }] = await Promise.all([
    import("../session/session.js"),
    import("../flash/verify.js"),
  ]);
  return atBench(bench, `verify ${plan.label}`, json, async ({ rig, deadline, observer }) => {
    const session = await openSession(rig, deadline, observer);
    const different = await verifyPlan(session, plan, deadline, observer);
    if (json)
      printJson({ firmware: plan.label, module: session.info.chipId, equal: different.length === 0, different });
    else if (different.length === 0) print(`${plan.label} is what module ${session.info.chipId} holds`);
    else for (const { expected, found } of different) print(tellDifference(expected, found));
    return different.length === 0 ? 0 : 1;
  });
}

const tellDifference = (
  { file, address, bytes, sha256 }: { file: string; address: number; bytes: number; sha256: string },
  found: string,
): string => `${file} differs: ${bytes} bytes at ${hexNumber(address)}: expected SHA-256 ${sha256}, found ${found}`;
