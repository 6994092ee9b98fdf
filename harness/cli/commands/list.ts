import type { ArgumentsCamelCase, Argv } from "yargs";
import { loadBench } from "../bench/workbench.js";
import { withCases } from "../options/cases.js";

export const options = (yargs: Argv) => withCases(yargs).example("$0 list --profile t01 --fw-version 2.0.106", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  const { bay } = await loadBench(args);
  const { chooseCases, tellCases } = await import("../options/cases.js");
  tellCases(await chooseCases(args, bay.simulated), args.json);
  return 0;
}
