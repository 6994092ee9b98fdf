import { execFileSync } from "node:child_process";

const MKFIFO = "/usr/bin/mkfifo";

/** A pipe at `path` that nobody writes to: who opens it to read waits for ever. */
export function makePipe(path: string): string {
  execFileSync(MKFIFO, [path]);
  return path;
}
