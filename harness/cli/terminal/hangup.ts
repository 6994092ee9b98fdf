import { closeSync, openSync } from "node:fs";
import { isatty } from "node:tty";

/**
 * Node puts terminals back as it found them at its very end, and aborts (SIGABRT) over one that has gone meanwhile:
 * /dev/null takes the place of such a one before that. An end by process.exit counts too.
 */
export function outliveTerminal(): void {
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  process.on("exit", () => {
    for (const fd of terminals.filter((fd) => !isatty(fd))) {
      closeSync(fd);
      // The lowest number that is free: this very one.
      openSync("/dev/null", "r+");
    }
  });
}
