import { type Firmware, scenario } from "../harness/run/index.js";
import { replaceBy } from "./parts/replace.js";

/** Each firmware must go over each other one, and the other's code must be gone. */
export default scenario({
  name: "cross-flash",
  tags: ["nightly"],
  parameters: ({ firmwares }) =>
    pairs(firmwares).map(([before, after]) => ({
      label: `${before.label} -> ${after.label}`,
      // T01 and T02 of one version share boot2, table and key.
      tags: before.version === after.version ? ["smoke"] : [],
      before,
      after,
    })),
  run: (bench, { after }) => replaceBy(bench, after),
});

const pairs = (firmwares: readonly Firmware[]): [Firmware, Firmware][] =>
  firmwares.flatMap((before) =>
    firmwares.filter((after) => after !== before).map((after): [Firmware, Firmware] => [before, after]),
  );
