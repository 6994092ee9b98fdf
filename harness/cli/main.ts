#!/usr/bin/env node
import { runProgram } from "./program.js";
import { outliveTerminal } from "./terminal/hangup.js";
import { catchCrashes } from "./terminal/interrupt.js";
import { report } from "./terminal/output.js";
import { dropFailures } from "./terminal/streams.js";

const lostOutput = dropFailures(process.stdout, process.stderr);
outliveTerminal();
catchCrashes();
// All output has arrived or failed by then.
process.once("beforeExit", () => {
  const lost = lostOutput();
  if (lost === undefined) return;
  const exitCode = report(lost, false);
  process.exitCode ||= exitCode;
});
process.exitCode = await runProgram(process.argv.slice(2));
