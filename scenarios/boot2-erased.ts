import { HarnessError, scenario } from "../harness/run/index.js";
import { beginWith, leaveWith, newestOfAll, refusedWith, WRONG_CONTENTS } from "./parts/wrong.js";

/** boot2's place in the flash, whatever the partition table says: the boot ROM looks for it at 0. */
const BOOT2_BYTES = 0xe000;

/**
 * Without boot2 nothing is left but the mask ROM: a boot finds no boot loader, nobody answers in boot2's ISP window, and
 * BOOT brings the module back all the same. Were that not so, a flash that ends early could cost a module.
 */
export default scenario({
  name: "boot2-erased",
  ...WRONG_CONTENTS,
  parameters: (matrix) => [newestOfAll(matrix)].flatMap((after) => (after ? [{ label: after.label, after }] : [])),
  async run(bench, { after }) {
    const { erase, boot, step, openSession, enterThroughBoot2, note } = bench;
    await beginWith(bench, after);
    await erase(0, BOOT2_BYTES);
    await step("boot without boot2", async () => {
      const silence = await boot(after).catch((error: unknown) => {
        if (error instanceof HarnessError && error.code === "BOOT_SILENT") return error;
        throw error;
      });
      if (!("proven" in silence) || !silence.proven) return;
      throw new HarnessError("EXPECTATION_FAILED", "a boot without boot2: expected silence, and a firmware runs");
    });
    const refusal = await refusedWith("NOT_IN_ROM", "entry through a boot2 that is not there", enterThroughBoot2());
    note(refusal.message);
    await step("entry by the strap", () => openSession());
    await leaveWith(bench, after);
  },
});
