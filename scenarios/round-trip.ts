import { scenario } from "../harness/run/index.js";
import { replaceWhollyBy } from "./parts/replace.js";

/**
 * T01 gives way to T02 of the same version and comes back. Modules were reported that refuse every flash once they had T01,
 * whatever it is a flash of, and both images lie in one slot: each direction ends with the right banner, and with nothing
 * of the other firmware in what was erased, however long that was.
 */
export default scenario({
  name: "round-trip",
  tags: ["stress"],
  ladder: 8,
  timeoutMs: 1_800_000,
  parameters: ({ firmwares }) =>
    firmwares
      .filter(({ profile }) => profile === "t01")
      .flatMap((t01) => {
        const t02 = firmwares.find(({ profile, version }) => profile === "t02" && version === t01.version);
        if (t02 === undefined) return [];
        const label = `${t01.label} -> ${t02.label} -> ${t01.label}`;
        return [{ label, firmwares: [t01, t02, t01], before: t01, after: t01, between: t02 }];
      }),
  async run(bench, { between, after }) {
    await replaceWhollyBy(bench, between);
    await replaceWhollyBy(bench, after);
  },
});
