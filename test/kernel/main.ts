import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { HarnessError } from "../../harness/base/errors.js";
import { type Check, HOST_START } from "./guest/report.js";
import { buildInitramfs, ROOT } from "./initramfs.js";
import { type Kernel, needKernel } from "./kernel.js";
import { bootMachine } from "./machine.js";
import { needTools } from "./tools.js";

/** Against hangs, on a busy machine too; the long form repeats more. */
const DEADLINE_MS = { short: 600_000, long: 1_800_000 };

/** Not in the package: 120 MB are fetched once, and a clean checkout need not fetch them again. */
const CACHE = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "st67-hil");

/** What takes about half of the time, and everything else: each in a machine of its own, side by side. */
const HALVES = [
  ["survives-kills", "locks-out"],
  ["-survives-kills", "-locks-out"],
] as const;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

async function timed<T>(what: string, work: Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work;
  console.log(`${what}: ${seconds(performance.now() - start)}`);
  return result;
}

/**
 * Boots a real kernel with simulated lines in it, and tells what the checks in there found.
 *
 * @param words `long`, and names of checks, which then run in one machine.
 * @returns the exit code.
 */
async function main(words: readonly string[]): Promise<number> {
  const start = performance.now();
  mkdirSync(CACHE, { recursive: true });
  await timed("tools", needTools());
  const kernel = await timed("kernel", needKernel(CACHE));
  const initramfs = await timed("file system", buildInitramfs(ROOT, kernel, CACHE));
  const named = words.some((word) => word !== "long");
  const host = `${HOST_START}${Math.ceil(startMs())}`;
  const machines = named ? [words] : HALVES.map((half) => [...words, ...half]);
  const ends = await Promise.all(machines.map((words) => runIn(kernel, initramfs, [...words, host])));
  const checks = ends.flatMap((end) => end.checks);
  const failed = checks.filter(({ passed }) => !passed).length;
  console.log(`${checks.length} checks, ${failed} failed; ${seconds(performance.now() - start)} in all`);
  return ends.every(({ exitCode, checks }) => exitCode === 0 && checks.length > 0) && failed === 0 ? 0 : 1;
}

/** One machine, from its boot to its end. */
async function runIn({ version, image }: Kernel, initramfs: string, words: readonly string[]) {
  const checks: Check[] = [];
  let exitCode: number | undefined;
  const deadlineMs = words.includes("long") ? DEADLINE_MS.long : DEADLINE_MS.short;
  await timed(
    `Linux ${version}`,
    bootMachine({ kernel: image, initramfs, words, deadlineMs }, (heard) => {
      if ("check" in heard) {
        checks.push(heard.check);
        tellCheck(heard.check);
      } else if ("exitCode" in heard) exitCode = heard.exitCode;
      else if (heard.text !== "") console.log(`  | ${heard.text}`);
    }),
  );
  if (exitCode === undefined) console.log(`the machine for ${words.join(" ")} ended without its marker`);
  return { checks, exitCode };
}

/** What starting node takes on this machine, of which the one under test is a slower copy. */
function startMs(): number {
  const start = performance.now();
  execFileSync(process.execPath, ["--eval", "0"]);
  return performance.now() - start;
}

function tellCheck({ name, passed, ms, facts }: Check): void {
  console.log(`${passed ? "passed" : "FAILED"}  ${name}  ${seconds(ms)}`);
  for (const fact of facts) console.log(`        ${fact}`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof HarnessError ? `${error.code}: ${error.message}\n${error.advice}` : error);
  process.exitCode = 1;
}
