import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { oneLine } from "../../harness/base/clean.js";
import { told } from "../../harness/base/files.js";

export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/**
 * The processes that have a file open, as far as this user may see them; Linux only.
 *
 * @param real the file's path without links; `undefined`: it is not there, and nobody has it.
 * @param proc where the kernel tells of processes.
 */
export function holdersOf(real: string | undefined, proc = "/proc"): PortHolder[] {
  const pids = told(() => readdirSync(proc))?.filter((name) => /^\d+$/.test(name)) ?? [];
  const holds = (pid: string) =>
    told(() => readdirSync(join(proc, pid, "fd")))?.some(
      (fd) => told(() => readlinkSync(join(proc, pid, "fd", fd))) === real,
    );
  return pids
    .filter((pid) => real !== undefined && holds(pid))
    .map((pid) => ({
      pid: Number(pid),
      command: told(() => oneLine(readFileSync(join(proc, pid, "comm"), "utf8").trim())) ?? "?",
    }));
}
