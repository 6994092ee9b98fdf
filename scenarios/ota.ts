import { scenario } from "../harness/run/index.js";
import { expectToRun } from "./parts/firmware-over-spi.js";
import { KINDS, OVER_THE_AIR, stepsOf } from "./parts/updates.js";
import { leaveWith } from "./parts/wrong.js";

/**
 * Each version takes each other one of its profile over the air, newer and older, raw and xz: the new one runs, its entry in the
 * partition table has aged, and a raw one boots from the other slot. A reset later it still does, from there.
 * The table that it leaves would start it below a firmware that is flashed file by file: at last none is left.
 */
export default scenario({
  name: "ota",
  ...OVER_THE_AIR,
  parameters: (matrix) =>
    stepsOf(matrix).flatMap(([before, to]) =>
      KINDS.map((kind) => ({
        label: `${before.label} -> ${to.label} ${kind}`,
        firmwares: [before, to],
        before,
        after: before,
        to,
        kind,
      })),
    ),
  async run(bench, { before, to, kind }) {
    await bench.boot(before);
    const { after } = await bench.update(to, kind);
    await bench.boot(to);
    bench.expect(await expectToRun(bench, to)).toEqual(after);
    await leaveWith(bench, before);
  },
});
