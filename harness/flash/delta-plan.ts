import { createHash } from "node:crypto";
import { filledIn } from "./filled.js";
import type { Plan } from "./plan.js";
import type { Extent } from "./spared.js";
import type { Step } from "./step.js";
import type { Stretch } from "./wanted.js";
import { writeOf } from "./write-step.js";

/** The plan that makes runs of a stretch what they must be, and nothing else: erased, written where not blank, verified. */
export function mendingOf(plan: Plan, stretch: Stretch, runs: readonly Extent[]): Plan {
  const { what: file } = stretch;
  const of = ({ start, end }: Extent) => stretch.bytes.subarray(start - stretch.address, end - stretch.address);
  const writes = runs.flatMap((run) =>
    filledIn(of(run)).map(({ start, end }): Step => {
      const plain = of(run).subarray(start, end);
      const part = { file, address: run.start + start, bytes: plain, xz: undefined };
      return writeOf(part, { compress: stretch.xz ? "auto" : "off" });
    }),
  );
  const erases = runs.map(({ start, end }): Step => ({ op: "erase", start, end }));
  const proofs = runs.map((run): Step => {
    const sha256 = createHash("sha256").update(of(run)).digest("hex");
    return { op: "verify", file, address: run.start, bytes: run.end - run.start, sha256 };
  });
  const check: Step[] = writes.length === 0 ? [] : [{ op: "write-check", file }];
  return { ...plan, steps: [{ op: "parameters", file }, ...erases, ...writes, ...check, ...proofs] };
}
