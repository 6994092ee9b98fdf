import type { Rig } from "../../harness/base/wire.js";
import { imageName, type Profile } from "../../harness/firmware/names.js";
import { encodeOta } from "../../harness/firmware/ota.js";
import { openPackage } from "../../harness/firmware/package.js";
import { xzCompress } from "../../harness/native/xz.js";
import type { Firmware, Scenario } from "../../harness/run/scenario.js";
import type { SimModule } from "../../harness/sim/module.js";
import { firmwareOf, SmallPackage } from "../firmware/small-package.js";
import { firmwaresOf, type Played, playScenario } from "./scenario-run.js";

const HARDWARE = "QCC_Module_v1.1";

/** The wires of a module's host interface, as a rig has them. */
export const overSpi = (module: SimModule) => ({
  spi: module.connectSpi(),
  ready: { read: async () => module.ready },
});

/** A small package of T01 and T02, each 2.0.97 and 2.0.106, and mfg, with their updates over the air. */
export class PackageWithUpdates extends SmallPackage {
  constructor() {
    super();
    this.write(imageName("t02", "2.0.97"), firmwareOf("t02", "2.0.97"));
    for (const profile of ["t01", "t02"] as const)
      for (const version of ["2.0.97", "2.0.106"]) this.#add(profile, version);
  }

  get firmwares(): Firmware[] {
    return firmwaresOf(openPackage(this.dir));
  }

  #add(profile: Profile, version: string): void {
    const image = imageName(profile, version);
    const payload = this.read(image);
    const container = (kind: "raw" | "xz", bytes: Uint8Array) =>
      encodeOta({ kind, hardware: HARDWARE, version, payload: bytes });
    this.write(`${image}.ota`, container("raw", payload));
    this.write(image.replace(/bin$/, "xz.ota"), container("xz", xzCompress(payload)));
  }
}

type Setting = Omit<Parameters<typeof playScenario>[1], "rig"> & { readonly more?: Partial<Rig> };

/** As `playScenario`, on modules whose host interface is wired. */
export const playOverSpi = (scenario: unknown, setting: Setting): Promise<Played[]> =>
  playScenario(scenario as Scenario, {
    ...setting,
    rig: (module) => ({ ...overSpi(module), ...setting.more }),
  });
