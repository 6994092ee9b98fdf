import { compareVersions } from "../harness/firmware/names.js";
import { TABLE_ADDRESSES } from "../harness/firmware/partition.js";
import { secondSlotTable } from "../harness/firmware/wrong.js";
import { changed, type Firmware, type Matrix, scenario } from "../harness/run/index.js";
import { beginWith, laidOut, leaveWith, newestOfAll, refusedWith, WRONG_CONTENTS } from "./parts/wrong.js";

const [, SECOND_TABLE] = TABLE_ADDRESSES;

/**
 * An update over the air leaves a second partition table of a higher age, which no flash without a chip erase touches: every
 * hash is right then, and the firmware of before boots. That must never pass for a good flash; a chip erase cures it.
 *
 * That the higher age wins is from boot2's public source of the sister SDK; of ST's boot2 8.1.9 it is not known (the
 * simulator's knob is `secondTable`). Where the first table wins, this case fails, and the trap is none.
 */
export default scenario({
  name: "stale-table",
  ...WRONG_CONTENTS,
  parameters: (matrix) =>
    [newestOfAll(matrix)].flatMap((after) => {
      const older = after && olderOf(matrix, after);
      return after && older
        ? [{ label: `${older.label} under ${after.label}`, firmwares: [older, after], older, after }]
        : [];
    }),
  async run(bench, { older, after }) {
    const { flash, overwrite, boot, note, expect } = bench;
    await beginWith(bench, after);
    const { table, slots } = laidOut(after);
    await overwrite([
      { name: "stale table", address: SECOND_TABLE, bytes: secondSlotTable(table) },
      { name: `${older.label} in the second slot`, address: slots[1].address, bytes: laidOut(older).image.bytes },
    ]);
    await flash(changed(after, "file by file", { erase: 1 }));
    const caught = await refusedWith("BOOT_UNEXPECTED", `${after.label} under a stale table`, boot(after));
    note(caught.message);
    expect(caught.details).toMatchObject({
      expected: { profile: after.profile, version: after.version },
      found: { version: older.version },
    });
    await leaveWith(bench, after);
  },
});

/** The newest of those that are older; of the same profile, where there is one. */
const olderOf = ({ firmwares }: Matrix, { profile, version }: Firmware): Firmware | undefined =>
  firmwares
    .filter((each) => compareVersions(each.version, version) < 0)
    .sort(
      (a, b) => Number(b.profile === profile) - Number(a.profile === profile) || compareVersions(b.version, a.version),
    )[0];
