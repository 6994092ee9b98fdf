import { HarnessError } from "../base/errors.js";
import type { Rig } from "../base/wire.js";

/** @throws HarnessError NOT_SACRIFICIAL for what only a module may be put to that may be lost. */
export function refusePrecious(
  { rig: { name }, sacrificial }: { readonly rig: Pick<Rig, "name">; readonly sacrificial: boolean },
  what: string,
): void {
  if (sacrificial) return;
  throw new HarnessError(
    "NOT_SACRIFICIAL",
    `${what}: ${name} is neither simulated nor labelled sacrificial: nothing was sent to its module`,
  );
}
