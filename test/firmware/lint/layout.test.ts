import { mkdirSync } from "node:fs";
import { encodeSuperblock } from "../../../harness/firmware/littlefs.js";
import { encodePartitionTable, type Partition, ST_TABLE } from "../../../harness/firmware/partition.js";
import { INI, T02, TABLE, testDamages } from "../damage.js";
import { BOOT2, iniOf, LITTLEFS, type SmallPackage } from "../small-package.js";

/** ST's table with other slots for some of its partitions. */
function tableWith(slots: Readonly<Record<string, Partition["slots"]>>): Uint8Array {
  const entries = ST_TABLE.entries.map((entry) => ({ ...entry, slots: slots[entry.name] ?? entry.slots }));
  return encodePartitionTable({ ...ST_TABLE, entries });
}
/** So many blocks, of which the first two are a sound superblock. */
const fileSystemOf = (blocks: number): Uint8Array =>
  Buffer.concat([encodeSuperblock(1, blocks), encodeSuperblock(2, blocks), Buffer.alloc(4096 * (blocks - 2), 0xff)]);
const NONE = { address: 0, bytes: 0 };
const replaced = (name: string, from: RegExp, to: string) => (pkg: SmallPackage) =>
  pkg.write(name, pkg.read(name).toString("utf8").replace(from, to));

testDamages([
  {
    what: "a table with a wrong header CRC",
    damage: (pkg) => pkg.flip(TABLE, 8),
    rules: [`${TABLE} partition-crc`],
    told: { field: "headerCrc", offset: 12 },
  },
  {
    what: "a table with a wrong CRC of its entries",
    damage: (pkg) => pkg.flip(TABLE, 40),
    rules: [`${TABLE} partition-crc`],
    told: { field: "entriesCrc", offset: 304 },
  },
  {
    what: "a table that is none",
    damage: (pkg) => pkg.write(TABLE, "BFP"),
    rules: [`${TABLE} malformed`],
    told: { field: "table", expected: "at least 20 bytes", found: "3" },
  },
  {
    what: "partitions on each other",
    damage: (pkg) => pkg.write(TABLE, tableWith({ PSM: [{ address: 0x3e8000, bytes: 0x8000 }, NONE] })),
    rules: [`${TABLE} partition-overlap`],
    told: {
      field: "PSM slot 0",
      expected: "nothing in common with rsvd1 slot 0, 0x3E5000 to 0x3E8FFF",
      found: "0x3E8000 to 0x3EFFFF",
    },
  },
  {
    what: "a partition on the second table",
    damage: (pkg) => pkg.write(TABLE, tableWith({ Boot2: [{ address: 0xf000, bytes: 0x1000 }, NONE] })),
    rules: ["mfg", "mission_t01", "mission_t02"]
      .map((name) => `${name}_flash_prog_cfg.ini layout`)
      .concat(`${TABLE} partition-overlap`, `${BOOT2} slot`),
    told: { rule: "partition-overlap", field: "Boot2 slot 0" },
  },
  {
    what: "mfg on another part of FW's second slot",
    damage: (pkg) => pkg.write(TABLE, tableWith({ mfg: [{ address: 0x1c4000, bytes: 0x1000 }, NONE] })),
    rules: [`${TABLE} partition-overlap`],
    told: { field: "mfg slot 0", found: "0x1C4000 to 0x1C4FFF" },
  },
  {
    what: "a partition behind the end of the flash",
    damage: (pkg) => pkg.write(TABLE, tableWith({ MFD: [{ address: 0x3ff000, bytes: 0x1001 }, NONE] })),
    rules: [`${TABLE} partition-end`],
    told: { field: "MFD slot 0", found: "0x3FF000 to 0x400000" },
  },
  {
    what: "bytes behind the table",
    damage: (pkg) => pkg.write(TABLE, Buffer.concat([pkg.read(TABLE), Buffer.of(0xff)])),
    rules: [`${TABLE} length`],
    told: { severity: "warning", expected: "308 bytes in all", found: "309" },
  },
  {
    what: "a file system larger than its partition",
    damage: (pkg) => pkg.write(LITTLEFS, fileSystemOf(0x6e)),
    rules: [`${LITTLEFS} slot`],
    told: { file: LITTLEFS, field: "size", expected: "at most 446464 bytes", found: "450560" },
  },
  {
    what: "no file system",
    damage: (pkg) => pkg.remove(LITTLEFS),
    rules: ["mission_t01_flash_prog_cfg.ini reference", `${INI} reference`],
    told: { file: INI, field: "[littlefs] filedir", expected: `a file at ${LITTLEFS}`, found: "none" },
  },
  {
    what: "no image for a placeholder",
    damage: (pkg) => pkg.remove(T02),
    rules: [`${INI} reference`],
    told: { field: "[FW] filedir", expected: "a version for _vxxx", found: "none" },
  },
  {
    what: "an unknown key",
    damage: replaced(INI, /erase/, "erse"),
    rules: [`${INI} ini`],
    told: { field: "line 2: [cfg]", found: "erse" },
  },
  {
    what: "an ini that is a binary file",
    damage: (pkg) => pkg.write(INI, pkg.read(BOOT2)),
    rules: [`${INI} ini`],
    told: { expected: "an ini file", found: "binary data" },
  },
  {
    what: "an address outside of all partitions",
    damage: replaced(INI, /0x378000/, "0x400000"),
    rules: [`${INI} layout`, `${INI} layout`],
    told: { field: "[littlefs] address", expected: "an address inside of a partition", found: "0x400000" },
  },
  {
    what: "a file system where nobody looks for it",
    damage: replaced(INI, /0x378000/, "0x3E4000"),
    rules: [`${INI} layout`],
    told: { field: "[littlefs] address", expected: "0x378000, the partition media", found: "0x3E4000" },
  },
  {
    what: "a firmware beside the slot that boots",
    damage: replaced(INI, /@partition/, "0x20000"),
    rules: [`${INI} layout`],
    told: { field: "[FW] address", expected: "0x10000, the slot that the partition table boots", found: "0x20000" },
  },
  {
    what: "a table where boot2 does not look",
    damage: replaced(INI, /0xE000/, "0xD000"),
    rules: [`${INI} layout`],
    told: { field: "[partition] address", expected: "0xE000 or 0xF000, where boot2 looks for it", found: "0xD000" },
  },
  {
    what: "boot2 where the boot ROM does not look",
    damage: replaced(INI, /0x000000/, "0x1000"),
    rules: [`${INI} layout`],
    told: { field: "[boot2] address", expected: "0x0, where the boot ROM looks for it", found: "0x1000" },
  },
  {
    what: "a file of one's own too near to the end of its partition",
    damage: (pkg) => pkg.write(INI, `${iniOf("t02")}[mine]\nfiledir = efusedata.bin\naddress = 3F0000\n`),
    rules: ["efusedata.bin slot"],
    told: { expected: "at most 4096 bytes", found: "4608" },
  },
  {
    what: "a section that the table does not have",
    damage: replaced(INI, /\[FW\]/, "[fw]"),
    rules: [`${INI} layout`],
    told: { field: "[fw] address", expected: "a partition named fw in the table" },
  },
  {
    what: "two files on each other",
    damage: replaced(INI, /0x378000/, "0x11000"),
    rules: [`${INI} layout`, `${INI} layout`],
    told: { field: "[FW] at 0x10000", expected: "at most 4096 bytes before [littlefs]", found: "16384" },
  },
  {
    what: "a skipped range with a chip erase",
    damage: replaced(INI, /0x0, 0x0/, "0x3FF000, 0x1000"),
    rules: [`${INI} layout`],
    told: { field: "[cfg] skip_mode", found: "0x3FF000, 0x1000" },
  },
  {
    what: "a skipped part of a sector that is erased",
    damage: (pkg) => pkg.write(INI, iniOf("t02", "[cfg]\nerase = 1\nskip_mode = 0x10800, 0x800\n")),
    rules: [`${INI} layout`],
    told: { field: "[FW] at 0x10000", found: "the skipped range at 0x10800" },
  },
  {
    what: "a firmware section with a file that is no image",
    damage: replaced(INI, /st67w611m_mission_t02_vxxx.bin/, LITTLEFS),
    rules: [`${LITTLEFS} malformed`],
    told: { field: "magic", expected: "BFNP", found: "01000000" },
  },
  {
    what: "a folder in place of a file",
    damage: (pkg) => {
      pkg.remove(T02);
      mkdirSync(pkg.path(T02));
    },
    rules: [`${T02} unreadable`],
    told: { field: "file", expected: "a file", found: "a folder" },
  },
]);
