import { scenario } from "../harness/run/index.js";
import { eachMission, expectToRun, OVER_SPI } from "./parts/firmware-over-spi.js";

const ROUNDS = 20;
/** ST's driver waits no longer. */
const MOST_MS = 4000;

/** How long a firmware takes from CHIP_EN to its `ready`, and how much that varies: seen were 640 to 854 ms. */
export default scenario({
  name: "ready-time",
  tags: ["functional"],
  ...OVER_SPI,
  parameters: eachMission,
  async run(bench, { before }) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) times.push((await bench.restart()).readyMs);
    await expectToRun(bench, before);
    times.sort((a, b) => a - b);
    const at = (part: number) => times[Math.round(part * (ROUNDS - 1))] ?? Number.NaN;
    bench.measure("ready, shortest", at(0), "ms");
    bench.measure("ready, median", at(0.5), "ms");
    bench.measure("ready, longest", at(1), "ms", { max: MOST_MS });
  },
});
