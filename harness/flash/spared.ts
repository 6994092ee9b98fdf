import type { Range } from "../firmware/package.js";
import { MODULE_FLASH_BYTES } from "../protocol/flash.js";
import { sectorsOf } from "./parts.js";
import type { Plan } from "./plan.js";

/**
 * What of a module's flash a plan leaves as it is, in whole sectors: nothing, where it erases the chip.
 *
 * @param flashBytes how large the flash is.
 */
export function sparedBy({ steps }: Plan, flashBytes = MODULE_FLASH_BYTES): Range[] {
  if (steps.some(({ op }) => op === "erase-chip")) return [];
  const touched = steps.flatMap((step) => {
    if (step.op === "erase") return [{ address: step.start, bytes: { length: step.end - step.start } }];
    return step.op === "write" ? [{ address: step.address, bytes: { length: step.bytes } }] : [];
  });
  const spared: Range[] = [];
  let at = 0;
  for (const { start, end } of sectorsOf(touched)) {
    if (start > at) spared.push({ address: at, bytes: start - at });
    at = Math.max(at, end);
  }
  if (flashBytes > at) spared.push({ address: at, bytes: flashBytes - at });
  return spared;
}
