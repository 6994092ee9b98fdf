import { scenario } from "../harness/run/index.js";
import { eachMission, expectToRun, OVER_SPI } from "./parts/firmware-over-spi.js";

const RESETS = 100;

/** A hundred resets in a row: each time the same firmware says `ready` and answers. */
export default scenario({
  name: "resets",
  tags: ["functional"],
  ...OVER_SPI,
  timeoutMs: 1_200_000,
  parameters: eachMission,
  async run(bench, { before }) {
    const { restart, at, step, expect } = bench;
    for (let reset = 1; reset <= RESETS; reset++)
      await step(`reset ${reset}`, async () => {
        await restart();
        expect(await at("AT")).toEqual([]);
      });
    await expectToRun(bench, before);
  },
});
