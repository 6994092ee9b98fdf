import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { imageName, iniName } from "../../harness/firmware/names.js";
import { encodePartitionTable, ST_TABLE } from "../../harness/firmware/partition.js";
import { syntheticBoot2, syntheticFirmware } from "../../harness/firmware/synthetic.js";

/** An ini of these sections, each with its file. */
export const iniOf = (sections: Readonly<Record<string, string>>): string =>
  Object.entries(sections)
    .map(([name, filedir], index) => `[${name}]\nfiledir = ${filedir}\naddress = 0x${index * 10}0000\n`)
    .join("\n");

/** The vendor's layout below `root` with one small firmware, `t01@2.0.106`. @returns the path of its NCP_Binaries. */
export function firmwareFolder(root: string, seed = 0): string {
  const dir = join(root, "Binaries", "NCP_Binaries");
  const version = "2.0.106";
  const files: Record<string, string | Uint8Array> = {
    "boot2.bin": syntheticBoot2(seed),
    "partition.bin": encodePartitionTable(ST_TABLE),
    "../../LittleFS/littlefs/littlefs.bin": new Uint8Array(8192).fill(seed),
    [imageName("t01", version)]: syntheticFirmware({ profile: "t01", version, bytes: 16_384, seed }),
    [iniName("t01")]: `[boot2]\nfiledir = ./boot2.bin\naddress = 0x0\n
[partition]\nfiledir = ./partition.bin\naddress = 0xE000\n
[littlefs]\nfiledir = ./../../LittleFS/littlefs/littlefs.bin\naddress = 0x378000\n
[FW]\nfiledir = ./st67w611m_mission_t01_vxxx.bin\naddress = @partition\n`,
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), content);
  }
  return dir;
}
