import { scenario } from "../harness/run/index.js";
import { replaceBy } from "./parts/replace.js";

/** The same firmware a second time: modules were reported that take T01 once and refuse every flash after it. */
export default scenario({
  name: "reflash",
  tags: ["smoke", "nightly", "stress"],
  parameters: ({ firmwares }) =>
    firmwares.map((firmware) => ({ label: firmware.label, before: firmware, after: firmware })),
  run: (bench, { after }) => replaceBy(bench, after),
});
