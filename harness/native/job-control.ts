import { constants } from "node:os";
import { glibc } from "./library.js";

/** Of signal(2), the same on every Linux. */
const SIG_IGN = 1;

const libc = glibc("Terminals need Linux with glibc, as on Debian and Raspberry Pi OS.", (library, koffi) => ({
  signal: library.func("signal", "intptr", ["int", "intptr"]) as (signal: number, action: number) => number,
  tcgetpgrp: library.func("tcgetpgrp", "int", ["int"]) as (file: number) => number,
  getpgrp: library.func("getpgrp", "int", []) as () => number,
  errno: () => koffi.errno(),
}));

/**
 * A terminal no longer stops this process for reading or writing in the background: there a read fails with EIO, and what
 * is written appears, `stty tostop` or not. Node can listen to these signals, which would not do: a read would begin again
 * and again.
 */
export function ignoreTerminalStops(): void {
  const { signal } = libc();
  for (const name of ["SIGTTIN", "SIGTTOU"] as const) signal(constants.signals[name], SIG_IGN);
}

/** Whether a read from a terminal may take what is typed there: we are its foreground job, or it controls no jobs of ours. */
export function mayRead(file: number): boolean {
  const { tcgetpgrp, getpgrp, errno } = libc();
  const foreground = tcgetpgrp(file);
  return foreground < 0 ? errno() === constants.errno.ENOTTY : foreground === getpgrp();
}
