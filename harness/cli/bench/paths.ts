import { rigFile } from "../../../rigs/file/load.js";
import type { RigConfig } from "../../../rigs/file/schema.js";
import { isSimulated } from "../../../rigs/simulated.js";
import type { NamedPath } from "../../base/collisions.js";

/** What a command reads and writes for the sake of its rig. */
interface RigPaths {
  readonly written: readonly NamedPath[];
  readonly read: readonly NamedPath[];
}

/** @param simulated whether the `sim:` section counts. */
export function rigPaths(rig: string, config: RigConfig, simulated = isSimulated(config)): RigPaths {
  const { serial, straps } = config;
  const { state, contents = "factory" } = simulated ? config.sim : {};
  return {
    written: simulated ? [{ name: "sim.state", path: state }] : [],
    read: [
      { name: "--rig", path: rigFile(rig) },
      { name: "serial.path", path: serial.driver === "port" ? serial.path : undefined },
      { name: "straps.path", path: straps.driver === "socket" ? straps.path : undefined },
      { name: "sim.contents", path: ["factory", "blank"].includes(contents) ? undefined : contents },
    ],
  };
}
