import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { Program, SIM } from "./program.js";

/** The firmware of a new module takes most of a minute to make in here. */
const BLANK = ["--set", "sim.contents=blank"];

/** A simulated module in a process of its own. */
export interface StartedModule extends AsyncDisposable {
  readonly folder: string;
  readonly port: string;
  /** Its control socket. */
  readonly lines: string;
  /** Resolves once its port is there. */
  readonly ready: Promise<void>;
}

export function startModule(): StartedModule {
  const folder = mkdtempSync("/tmp/module-");
  const port = join(folder, "port");
  const lines = join(folder, "lines");
  const program = new Program(["sim", "--rig", SIM, "--link", port, "--control", lines, ...BLANK], folder);
  return {
    folder,
    port,
    lines,
    ready: program.says("\n"),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
