import pc from "picocolors";
import type { RigConfig } from "../../../rigs/file/schema.js";
import { isSimulated } from "../../../rigs/simulated.js";
import type { Check, Status } from "../../doctor/check.js";
import { print } from "./output.js";

const SIGNS: Record<Status, string> = { passed: "✓", warned: "!", failed: "✗", "not-applicable": "-" };

/** One line a check; then what to do, where there is something to do. */
export function tellChecks(config: RigConfig, checks: readonly Check[]): void {
  const colors = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
  const paint: Record<Status, (text: string) => string> = {
    passed: colors.green,
    warned: colors.yellow,
    failed: colors.red,
    "not-applicable": colors.dim,
  };
  const { name } = config;
  const width = Math.max(...checks.map(({ id }) => id.length));
  for (const { id, status, found } of checks) print(`${SIGNS[status]} ${id.padEnd(width)}  ${found}`, paint[status]);
  for (const { id, status, expected, advice } of checks) {
    if (advice === "") continue;
    const head = `${SIGNS[status]} ${id}`;
    print(`\n${head}: expected ${expected}\n  ${advice}`, (text) => text.replace(head, paint[status]));
  }
  const count = (status: Status) => checks.filter((check) => check.status === status).length;
  print(
    `\n${name}${isSimulated(config) ? ", a simulated module" : ""}: ${count("passed")} passed, ${count("warned")} warned, ${count("failed")} failed`,
  );
}
