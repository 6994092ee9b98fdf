import { TABLE_ADDRESSES } from "../harness/firmware/partition.js";
import { badTable, secondSlotTable } from "../harness/firmware/wrong.js";
import { type Bench, type Firmware, HarnessError, scenario } from "../harness/run/index.js";
import { beginWith, laidOut, leaveWith, newestOfAll, WRONG_CONTENTS } from "./parts/wrong.js";

const [FIRST_TABLE, SECOND_TABLE] = TABLE_ADDRESSES;
const SECTOR_BYTES = 4096;

/**
 * A partition table whose CRC is wrong does not count: the other one does, and without any boot2 starts what is at 0x10000.
 * In each case the firmware lies in one slot alone, and whoever believed the bad table would find the other one empty.
 *
 * All of it is from boot2's public source of the sister SDK; what ST's boot2 8.1.9 does is not known. The simulator's knobs
 * for it are `secondTable` and `defaultFirmware`.
 */
export default scenario({
  name: "bad-tables",
  ...WRONG_CONTENTS,
  parameters: (matrix) =>
    [newestOfAll(matrix)].flatMap((after) =>
      after
        ? (["first", "second", "both"] as const).map((bad) => ({ label: `${bad} ${after.label}`, bad, after }))
        : [],
    ),
  async run(bench, { bad, after }) {
    const { boot, note, step } = bench;
    await beginWith(bench, after);
    await PREPARE[bad](bench, after);
    await step(`boot with a bad table: ${bad}`, async () => {
      try {
        await boot(after);
      } catch (error) {
        if (error instanceof HarnessError) note(`bad table (${bad}): ${error.message}`);
        throw error;
      }
      note(`bad table (${bad}): ${after.label} boots`);
    });
    await leaveWith(bench, after);
  },
});

const PREPARE: Readonly<Record<"first" | "second" | "both", (bench: Bench, firmware: Firmware) => Promise<void>>> = {
  first: async ({ overwrite, erase }, firmware) => {
    const { image, table, tableBytes, slots } = laidOut(firmware);
    await overwrite([
      { name: "first table, bad", address: FIRST_TABLE, bytes: badTable(tableBytes) },
      { name: "second table", address: SECOND_TABLE, bytes: secondSlotTable(table) },
      { name: "firmware in the second slot", address: slots[1].address, bytes: image.bytes },
    ]);
    await erase(slots[0].address, SECTOR_BYTES);
  },
  second: async ({ overwrite, erase }, firmware) => {
    const { table, slots } = laidOut(firmware);
    const bytes = badTable(secondSlotTable(table));
    await overwrite([{ name: "second table, bad", address: SECOND_TABLE, bytes }]);
    await erase(slots[1].address, SECTOR_BYTES);
  },
  both: async ({ overwrite, erase }, firmware) => {
    const { table, tableBytes, slots } = laidOut(firmware);
    await overwrite([
      { name: "first table, bad", address: FIRST_TABLE, bytes: badTable(tableBytes) },
      { name: "second table, bad", address: SECOND_TABLE, bytes: badTable(secondSlotTable(table)) },
    ]);
    await erase(slots[1].address, SECTOR_BYTES);
  },
};
