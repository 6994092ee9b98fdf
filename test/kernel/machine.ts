import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { HarnessError } from "../../harness/base/errors.js";
import { Deadline, SystemClock } from "../../harness/base/time.js";
import { type Heard, hearLine } from "./guest/report.js";
import { QEMU } from "./tools.js";

/** For the module, what drives it, its watchdog and the checks, as far as the host has them. */
const PROCESSORS = Math.min(4, availableParallelism());
/** The initial file system is unpacked beside its archive; node and a simulated module take the rest. */
const MEMORY_MIB = 1024;

/** With which the host is called off; the machine must not outlive it. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * A kernel patches its own code while it boots, and QEMU's threads can see half of that: of some 150 boots with two
 * processors one died so. The first one boots alone, and a clock that is trusted is not patched out later.
 */
const BOOTS_ALONE = ["maxcpus=1", "tsc=reliable"];

export interface Boot {
  readonly kernel: string;
  readonly initramfs: string;
  /** Words for what runs in there. */
  readonly words: readonly string[];
  readonly deadlineMs: number;
}

/**
 * Boots the machine, which needs no rights and no help of the processor, and tells every line of its console. It powers
 * itself off at its end; a deadline ends it by its id.
 *
 * @throws HarnessError CASE_TIMEOUT; ABORTED at a signal; DRIVER_MISSING when there is no QEMU.
 */
export async function bootMachine({ kernel, initramfs, words, deadlineMs }: Boot, tell: (heard: Heard) => void) {
  const asked = words.map((word) => `st67.${word}`);
  const append = ["console=ttyS0", "quiet", "loglevel=1", "panic=-1", "rdinit=/init", ...BOOTS_ALONE, ...asked];
  const child = spawn(
    QEMU,
    [
      ...["-accel", "tcg", "-smp", String(PROCESSORS), "-cpu", "max", "-m", String(MEMORY_MIB)],
      ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
      ...["-chardev", "stdio,id=c0,signal=off", "-serial", "chardev:c0"],
      ...["-kernel", kernel, "-initrd", initramfs, "-append", append.join(" ")],
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise<void>((done, fail) => {
    child.on("close", () => done());
    child.on("error", (cause) => fail(new HarnessError("DRIVER_MISSING", `${QEMU}: ${cause.message}`, { cause })));
  });
  let held = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (held + text).split("\n");
    held = lines.pop() ?? "";
    for (const line of lines) tell(hearLine(line));
  });
  const abort = new AbortController();
  const stop = () => abort.abort(new HarnessError("ABORTED", "the machine under test was called off"));
  for (const signal of SIGNALS) process.on(signal, stop);
  const deadline = Deadline.in(deadlineMs, "the machine under test", new SystemClock(), abort.signal, "CASE_TIMEOUT");
  try {
    await deadline.race(ended);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
    child.kill("SIGKILL");
  }
}
