import { scenario } from "../harness/run/index.js";
import { eachMission, expectToRun, OVER_SPI } from "./parts/firmware-over-spi.js";
import { refusedWith } from "./parts/wrong.js";

const COMMANDS = 200;
/** A long command, and short of what its parser is known to take. */
const LONG = 200;

/**
 * Frame after frame: SPI_RDY rises for each and falls behind it, a module that has no room says so and is sent the same again,
 * and no answer is lost or taken for another one. Every wait of it ends, with an error that names what stayed out.
 */
export default scenario({
  name: "spi-frames",
  tags: ["functional"],
  ...OVER_SPI,
  parameters: eachMission,
  async run(bench, { before }) {
    const { restart, at, step, expect, measure, deadline } = bench;
    await restart();
    const start = deadline.clock.now();
    await step(`${COMMANDS} commands`, async () => {
      for (let nth = 0; nth < COMMANDS; nth++)
        expect(await at(nth % 2 === 0 ? "AT" : "AT+CWNETMODE?")).toHaveLength(nth % 2);
    });
    measure("a command and its answer", (deadline.clock.now() - start) / COMMANDS, "ms", { max: 2000 });
    await step("a long one that it does not know", async () => {
      await refusedWith("AT_ERROR", "a long command", at(`AT+${"X".repeat(LONG)}`));
    });
    await expectToRun(bench, before);
  },
});
