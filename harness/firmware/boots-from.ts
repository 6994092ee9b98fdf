import { told } from "../base/files.js";
import type { FlashFile } from "./load-ini.js";
import { findPartition, parsePartitionTable, TABLE_ADDRESSES } from "./partition.js";

/** FW in a partition table: the slot that boots, and the age of its entry. */
export interface BootPlace {
  readonly slot: 0 | 1;
  readonly age: number;
}

/** By the partition table among some files; `undefined` without one. */
export function bootsFrom(files: readonly Pick<FlashFile, "address" | "bytes" | "path">[]): BootPlace | undefined {
  const [first] = TABLE_ADDRESSES;
  const file = files.find(({ address }) => address === first);
  const firmware = file && told(() => findPartition(parsePartitionTable(file.bytes, file.path), "FW"));
  return firmware && { slot: firmware.active, age: firmware.age };
}
