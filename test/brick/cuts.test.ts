import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import { simBench } from "../support/bench.js";
import "../support/properties.js";
import { play, targetOf } from "./support.js";

const mfg = targetOf("mfg");
const fraction = fc.double({ min: 0, max: 1, noNaN: true });

/** Erases of it: three. Programs: some 150 commands. Hashes: five. */
const stage = fc.oneof(
  fc.record({ stage: fc.constant("erase"), nth: fc.integer({ min: 1, max: 3 }), fraction }),
  fc.record({ stage: fc.constant("program"), nth: fc.integer({ min: 1, max: 120 }), fraction }),
  fc.record({ stage: fc.constant("hash"), nth: fc.integer({ min: 1, max: 5 }), fraction }),
);
const command = fc.record({
  command: fc.constantFrom("flashSetPara", "flashErase", "flashDecompressWrite", "flashWrite", "flashWriteCheck"),
  nth: fc.integer({ min: 1, max: 3 }),
});
const byte = fc.oneof(
  fc.record({ byte: fc.integer({ min: 400, max: 300_000 }), dir: fc.constant("host") }),
  fc.record({ byte: fc.integer({ min: 0, max: 1000 }), dir: fc.constant("module") }),
);

const fault = fc.oneof(
  fc.record({ at: stage, do: fc.constantFrom("cutPower", "reset", "silent") }),
  fc.record({ at: command, do: fc.constantFrom("cutPower", "reset", "silent", "drop", "flip", "insert") }),
  fc.record({ at: byte, do: fc.constantFrom("cutPower", "reset", "silent", "drop", "flip", "insert") }),
);

test("whatever cuts a flash, wherever: the module comes back, by a rung that loses nothing", async () => {
  const { rig } = simBench({}, {}, () => 0.37);
  let came = 0;
  await fc.assert(
    fc.asyncProperty(fault, async (one) => {
      try {
        const { back } = await play(rig, mfg, { faults: [one] });
        came++;
        expect(back.rung).toBeLessThan(5);
      } catch (error) {
        // There may be fewer commands and bytes than that; and a byte may harm the way up to the flash.
        if (!(error instanceof HarnessError) || error.code !== "MOMENT_MISSED") throw error;
      }
    }),
    { numRuns: 40 },
  );
  expect(came).toBeGreaterThan(30);
}, 60_000);
