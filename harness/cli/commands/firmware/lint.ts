import type { ArgumentsCamelCase, Argv } from "yargs";
import { oneLine } from "../../../base/clean.js";
import { count } from "../../../base/count.js";
import { print, printJson, tell } from "../../terminal/output.js";

export const options = (yargs: Argv) =>
  yargs
    .positional("path", {
      type: "string",
      demandOption: true,
      describe: "NCP_Binaries folder, image, OTA file, partition table or ini",
    })
    .option("sums", {
      type: "string",
      requiresArg: true,
      describe: "Table of SHA-256 sums, as sha256sum writes it, to compare with",
    })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 firmware lint NCP_Binaries", "Exit 0: sound, warnings allowed; 1: an error; 2: nothing to judge")
    .example("$0 firmware lint NCP_Binaries --sums SHA256SUMS", "Hold every file to a table of sums too");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ path, sums, json }: Args): Promise<number> {
  const [{ lint }, { tellFinding }] = await Promise.all([
    import("../../../firmware/lint/lint.js"),
    import("../../../firmware/finding.js"),
  ]);
  const report = lint(path, { sums });
  const { findings, files, keyHashes, passedOver } = report;
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const warnings = findings.length - errors;
  if (passedOver.length > 0) tell(`passed over: ${passedOver.join(", ")}`);
  if (json) printJson({ ...report, errors, warnings });
  else {
    for (const finding of findings) print(oneLine(`${finding.severity.padEnd(7)}  ${tellFinding(finding)}`));
    for (const keyHash of keyHashes) print(`signed with key ${keyHash || "none"}`);
    print([count(files, "file"), count(errors, "error"), count(warnings, "warning")].join(", "));
  }
  return errors > 0 ? 1 : 0;
}
