import { parseParts, scenario } from "../harness/run/index.js";
import { eachMission, expectToRun, OVER_SPI } from "./parts/firmware-over-spi.js";
import { refusedWith } from "./parts/wrong.js";

/**
 * A firmware that boots also works: it answers AT over its host interface, says which one it is, from which slot it runs, and
 * is not put out by a command that it does not know. A banner proves none of that.
 */
export default scenario({
  name: "at-basics",
  tags: ["functional"],
  ...OVER_SPI,
  parameters: eachMission,
  async run(bench, { before }) {
    const { boot, at, expect, step } = bench;
    await boot(before);
    await step("AT", async () => expect(await at("AT")).toEqual([]));
    await step("it names itself", () => expectToRun(bench, before));
    await step("the partition table", async () => {
      const parts = parseParts(await at("AT+PART?"));
      expect(parts.map(({ name }) => name)).toEqual(expect.arrayContaining(["FW", "media"]));
    });
    await step("a command that there is not", async () => {
      await refusedWith("AT_ERROR", "AT+NOSUCHCOMMAND", at("AT+NOSUCHCOMMAND"));
      expect(await at("AT")).toEqual([]);
    });
  },
});
