import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bench, writeRig } from "./bench.js";
import type { StartedModule } from "./module.js";
import { Program } from "./program.js";

/** Made by the host: it would take most of a minute in here. */
const PACKAGE = "/package/Binaries/NCP_Binaries";
const CASES = ["identify", "flash-and-boot t01@2.0.106"];

/** GPIO, session, flash, boot and reports, from one end to the other. */
export async function runsWhole(bench: Bench, { folder, port }: StartedModule): Promise<string[]> {
  bench.release();
  const rig = writeRig(join(folder, "run.yaml"), "onoff", { port });
  await using program = new Program(["run", ...CASES, "--rig", rig, "--firmware", PACKAGE], folder);
  await program.endsWith(0);
  const junit = readFileSync(join(folder, "out", "latest", "junit.xml"), "utf8");
  const [suites = ""] = /<testsuites[^>]*>/.exec(junit) ?? [];
  for (const count of [`tests="${CASES.length}"`, 'failures="0"', 'errors="0"']) {
    if (!suites.includes(count)) throw new Error(`junit.xml: expected ${count}; got ${suites}`);
  }
  const told = program.stdout.split("\n").filter((line) => line.startsWith("passed"));
  return [...told, suites];
}
