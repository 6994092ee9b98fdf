import type { ArgumentsCamelCase, Argv } from "yargs";
import { oneLine } from "../../base/clean.js";
import { loadBench } from "../bench/workbench.js";
import { withCases } from "../options/cases.js";
import { print, printJson } from "../terminal/output.js";

export const options = (yargs: Argv) => withCases(yargs).example("$0 list --profile t01 --fw-version 2.0.106", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  const { bay } = await loadBench(args);
  const { chooseCases } = await import("../options/cases.js");
  const cases = await chooseCases(args, bay.simulated);
  if (args.json) printJson(cases.map(({ name, scenario, tags, needs }) => ({ name, scenario, tags, needs })));
  else for (const { name } of cases) print(oneLine(name));
  return 0;
}
