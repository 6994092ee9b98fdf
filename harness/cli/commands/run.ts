import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ArgumentsCamelCase, Argv } from "yargs";
import pkg from "../../../package.json" with { type: "json" };
import { consoleReporter } from "../../../reports/console.js";
import { exitCodeOf, summarize } from "../../../reports/summary.js";
import { writeReports } from "../../../reports/write.js";
import { refuseCollisions } from "../../base/collisions.js";
import { HarnessError } from "../../base/errors.js";
import type { RunEvent } from "../../base/events.js";
import { refuseUnwritable } from "../../base/files.js";
import { refuseUnwritableFolder } from "../../base/folders.js";
import { Journal } from "../../run/journal.js";
import { scenarioFiles } from "../../run/load.js";
import type { Case } from "../../run/matrix.js";
import { runCases } from "../../run/runner.js";
import { rigPaths } from "../bench/paths.js";
import { type Bench, guardBench, loadBench } from "../bench/workbench.js";
import { chooseCases, tellCases, withCases } from "../options/cases.js";
import { wholeNumber } from "../options/options.js";
import { type Interrupt, onInterrupt, reportEnd } from "../terminal/interrupt.js";
import { colors, print, printJson, report } from "../terminal/output.js";

export const options = (yargs: Argv) =>
  withCases(yargs)
    .option("seed", {
      type: "string",
      default: "1",
      requiresArg: true,
      coerce: wholeNumber("seed", 0),
      describe: "The same seed gives the same run",
    })
    .option("max-failures", {
      type: "string",
      requiresArg: true,
      coerce: wholeNumber("max-failures", 1),
      describe: "Skip the rest after so many cases failed or broke",
    })
    .option("out", { type: "string", requiresArg: true, describe: "Folder of the run; default out/<run id>" })
    .option("junit", { type: "string", requiresArg: true, describe: "Write junit.xml here too" })
    .option("dry-run", { type: "boolean", default: false, describe: "List the cases and touch nothing" })
    .example("$0 run", "The smoke suite on the simulated module")
    .example("$0 run 'cross-flash*' --firmware NCP_Binaries --rig bench-1.yaml", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  const bench = await loadBench(args, args.seed);
  const place = placeOf(args);
  if (!args.dryRun) await checkOutputs(place, bench, args);
  const cases = await chooseCases(args, bench.bay.simulated);
  if (args.dryRun) {
    tellCases(cases, args.json);
    return 0;
  }
  using interrupt = onInterrupt();
  try {
    return await runOn(bench, cases, place, args, interrupt);
  } catch (error) {
    return reportEnd(interrupt, error, args.json);
  }
}

/** What a run is called, and where it goes. */
function placeOf({ out }: Args) {
  const wallTime = new Date().toISOString();
  const runId = `${wallTime.replace(/[-:]|\.\d+Z$/g, "").replace("T", "-")}-${randomBytes(2).toString("hex")}`;
  return { wallTime, runId, folder: out ?? join("out", runId) };
}

type Place = ReturnType<typeof placeOf>;

/** The rig is ours from before its first opening until the reports are written. */
async function runOn(
  bench: Bench,
  cases: readonly Case[],
  { wallTime, runId, folder }: Place,
  args: Args,
  interrupt: Interrupt,
): Promise<number> {
  const { seed = 1, maxFailures = Number.POSITIVE_INFINITY, json } = args;
  const { clock } = bench;
  await using guarded = await guardBench(bench, interrupt.signal);
  const { bay } = guarded;
  // Whoever was waited for may have used the same folder.
  refuseUsed(folder);
  const events: RunEvent[] = [];
  const write = (line: string) => void (json ? process.stderr : process.stdout).write(line);
  const stream = json ? process.stderr : process.stdout;
  const tty = stream.isTTY === true;
  let lost: HarnessError | undefined;
  const listeners = [
    (event: RunEvent) => void events.push(event),
    consoleReporter({ write, color: tty && colors.isColorSupported, tty }),
  ];
  using journal = new Journal(folder, clock, listeners, (error) => {
    lost ??= error;
    interrupt.callOff(error);
  });
  journal.emit({
    type: "run.started",
    wallTime,
    runId,
    harness: pkg.version,
    seed,
    rigs: [bay.name],
    cases: cases.length,
  });
  await runCases(cases, bay, { clock, emit: journal.emit, signal: interrupt.signal, seed, folder, maxFailures });
  journal.emit({ type: "run.ended", interrupted: interrupt.signal.aborted });

  const summary = summarize(events);
  const failures: unknown[] = journal.failures.map(
    (cause) => new HarnessError("REPORT_FAILED", String(cause), { cause }),
  );
  try {
    writeReports(folder, summary, args.junit === undefined ? {} : { junitFile: args.junit });
  } catch (error) {
    failures.push(error);
  }
  if (json) printJson({ runId, folder, interrupted: summary.interrupted, counts: summary.counts, cases: summary.rows });
  else print(`reports are in ${folder}`);
  if (lost !== undefined) failures.unshift(lost);
  else if (interrupt.exitCode === 2) failures.unshift(interrupt.signal.reason);
  if (failures.length > 0) report(new AggregateError(failures), false);
  return interrupt.exitCode ?? (failures.length > 0 ? 2 : exitCodeOf(summary));
}

/** All that can be known of what will be written, before anything is done. */
async function checkOutputs({ folder }: Place, { config }: Bench, args: Args): Promise<void> {
  const { written, read } = rigPaths(args.rig, config);
  const junit = { name: "--junit", path: args.junit };
  const scenarios = (await scenarioFiles(args.scenarios ?? [])).map((path) => ({ name: "--scenarios", path }));
  const inputs = [...read, { name: "--firmware", path: args.firmware }, ...scenarios];
  refuseCollisions([{ name: "--out", path: args.out }, junit, ...written], inputs);
  refuseCollisions([junit, ...written, { name: "the run's journal", path: join(folder, "events.jsonl") }], []);
  refuseUsed(folder);
  refuseUnwritableFolder(folder);
  if (args.junit !== undefined) refuseUnwritable(args.junit);
}

function refuseUsed(folder: string): void {
  if (!existsSync(join(folder, "events.jsonl"))) return;
  throw new HarnessError("USAGE", `--out ${folder}: there is a run in it already, and a run is never overwritten`);
}
