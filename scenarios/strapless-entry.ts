import { flipped } from "../harness/firmware/wrong.js";
import { type Bench, type Firmware, HarnessError, newestOf, type Session, scenario } from "../harness/run/index.js";
import { beginWith, expectRejected, laidOut, newestOfAll, WRONG_CONTENTS } from "./parts/wrong.js";

const SECTOR_BYTES = 4096;

/**
 * With BOOT released, boot2's ISP window leads into the ROM: from each firmware that runs, and from a boot2 that has nothing
 * to start. A whole session and a flash are possible from there: a module whose BOOT nobody reaches is not lost.
 *
 * The text of boot2's answer is in ST's 8.1.9; that it works is not known. The simulator's knob is `boot2Isp`.
 */
export default scenario({
  name: "strapless-entry",
  ...WRONG_CONTENTS,
  parameters: (matrix) => {
    const newest = newestOfAll(matrix);
    return [
      ...newestOf(matrix.firmwares).map((after) => ({ label: after.label, after, rejected: false })),
      ...(newest ? [{ label: `rejected ${newest.label}`, after: newest, rejected: true }] : []),
    ];
  },
  async run(bench, { after, rejected }) {
    const { flash, boot, note } = bench;
    await beginWith(bench, after);
    if (rejected) {
      await spoil(bench, after);
      await expectRejected(bench, after, "0217");
    }
    const session = await entered(bench);
    note(`through boot2: module ${session.info.chipId}, flash ${session.jedec.id}, ${session.rig.wire.baud} Bd`);
    await flash(after, session);
    await boot(after);
  },
});

/** The strap has just worked: a boot2 that does not answer is no fault of the rig. */
async function entered({ enterThroughBoot2 }: Bench): Promise<Session> {
  try {
    return await enterThroughBoot2();
  } catch (error) {
    if (!(error instanceof HarnessError) || error.code !== "NOT_IN_ROM") throw error;
    throw new HarnessError("EXPECTATION_FAILED", `entry through boot2: ${error.message}`, { cause: error });
  }
}

async function spoil({ overwrite }: Bench, firmware: Firmware): Promise<void> {
  const { image, slots } = laidOut(firmware);
  const at = image.header.bodyOffset;
  const bytes = flipped(image.bytes.subarray(at, at + SECTOR_BYTES), 0);
  await overwrite([{ name: "first sector of the body", address: slots[0].address + at, bytes }]);
}
