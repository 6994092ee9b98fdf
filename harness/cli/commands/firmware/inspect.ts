import type { ArgumentsCamelCase, Argv } from "yargs";
import { print, printJson, tell } from "../../terminal/output.js";

export const options = (yargs: Argv) =>
  yargs
    .positional("path", {
      type: "string",
      demandOption: true,
      describe: "NCP_Binaries folder, image, OTA file, partition table or ini",
    })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 firmware inspect NCP_Binaries", "Every file of a package, one a line")
    .example("$0 firmware inspect st67w611m_mission_t01_v2.0.106.bin", "What one image says of itself");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ path, json }: Args): Promise<number> {
  const [{ inspect }, { tellFacts }] = await Promise.all([
    import("../../../firmware/inspect.js"),
    import("../../terminal/firmware-text.js"),
  ]);
  const facts = inspect(path);
  if (facts.kind === "package" && facts.passedOver.length > 0) tell(`passed over: ${facts.passedOver.join(", ")}`);
  if (json) printJson(facts);
  else print(tellFacts(facts));
  return 0;
}
