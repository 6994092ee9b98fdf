import type { Chosen } from "./choose.js";
import type { LaneRig } from "./crew.js";

/** What a case needs and a rig does not have. */
export const lacks = ({ needs }: Pick<Chosen, "needs">, { has }: LaneRig): string[] =>
  needs.filter((need) => !has.includes(need));

const WORDS: ReadonlyMap<string, string> = new Map([
  ["lines", "does not drive BOOT and CHIP_EN"],
  ["power", "has no power switch"],
  ["ready", "has no input for SPI_RDY"],
  ["spi", "has no SPI to the module"],
  ["sim", "is not simulated"],
  ["faults", "makes no faults to order: only a simulated rig does"],
  ["sacrificial", "has no module that may be lost (labels: [sacrificial])"],
]);

/** The same in words, behind the name of the rig. */
export const tellLacking = (one: Pick<Chosen, "needs">, rig: LaneRig): string =>
  lacks(one, rig)
    .map((need) => WORDS.get(need) ?? `is not labelled ${need}`)
    .join(" and ");
