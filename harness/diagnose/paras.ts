import type { Evidence, Stage } from "./evidence.js";
import type { Run } from "./runs.js";

/** The rate of the handshake: every adapter carries it. */
export const BOOT_BAUD = 500_000;
/** The tool's own, where it says no other. */
export const LOAD_BAUD = 2_000_000;

/** A set-para: the first exchange at the working rate. */
export interface Para {
  readonly baud: number;
  readonly ok: boolean;
  readonly evidence: Evidence;
}

/** The ladder has tried it at the rate of the handshake too, and it was answered there and nowhere else. */
export const isSlowAlone = (paras: readonly Para[]): boolean =>
  paras.some(({ ok, baud }) => !ok && baud > BOOT_BAUD) &&
  paras.some(({ ok, baud }) => ok && baud <= BOOT_BAUD) &&
  !paras.some(({ ok, baud }) => ok && baud > BOOT_BAUD);

export function parasOf(run: Run): Para[] {
  const paras: Para[] = [];
  let baud = LOAD_BAUD;
  let stage: Stage | undefined;
  for (const one of run) {
    if (one.type === "rate") baud = one.baud;
    if (one.type === "stage" || one.type === "done") stage = one.stage;
    if (stage === "set-para" && (one.type === "done" || one.type === "heard"))
      paras.push({ baud, ok: one.type === "done", evidence: one });
  }
  return paras;
}
