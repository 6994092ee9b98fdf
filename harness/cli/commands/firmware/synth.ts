import type { ArgumentsCamelCase, Argv } from "yargs";
import { print, printJson } from "../../terminal/output.js";

export const options = (yargs: Argv) =>
  yargs
    .positional("folder", { type: "string", demandOption: true, describe: "Folder to write" })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 firmware synth out/firmware", "A package of the vendor's shape, with a key and bodies of our own");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ folder, json }: Args): Promise<number> {
  const [{ writeSyntheticPackage }, { openPackage }] = await Promise.all([
    import("../../../firmware/synthetic-package.js"),
    import("../../../firmware/package.js"),
  ]);
  const ncp = writeSyntheticPackage(folder);
  const firmwares = openPackage(ncp).firmwares.map(({ profile, version }) => `${profile}@${version}`);
  if (json) printJson({ folder: ncp, firmwares });
  else print(`${ncp}: ${firmwares.join(", ")}`);
  return 0;
}
