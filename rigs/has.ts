import type { RigConfig } from "./file/schema.js";
import { isSimulated } from "./simulated.js";

/**
 * What a case may need and this rig has: `lines` that are driven, `power` that is switched, an input `ready`, `spi` to the module,
 * `sim`, `faults` to order, a module that is `sacrificial`, and its labels. Told by the rig file alone: nothing is opened.
 *
 * @param isTTY whether a person sits at the terminal, who can press the buttons of a rig `manual`.
 */
export function hasOf(config: RigConfig, isTTY: boolean): string[] {
  const { straps, spi, labels } = config;
  const simulated = isSimulated(config);
  const has: readonly [string, boolean][] = [
    ["lines", simulated || (straps.driver === "manual" ? isTTY : straps.driver !== "none")],
    ["power", simulated || straps.driver === "socket" || straps.power !== undefined],
    ["ready", simulated || straps.ready !== undefined || spi?.driver === "socket"],
    ["spi", spi !== undefined],
    ["sim", simulated],
    ["faults", simulated],
    ["sacrificial", simulated],
  ];
  return [...new Set([...has.flatMap(([name, there]) => (there ? [name] : [])), ...labels])];
}
