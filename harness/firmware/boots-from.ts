import { told } from "../base/files.js";
import type { FlashFile } from "./load-ini.js";
import { findPartition, parsePartitionTable, TABLE_ADDRESSES } from "./partition.js";

/** The slot that boots and the age of its entry, by the partition table among some files; `undefined` without one. */
export function bootsFrom(
  files: readonly Pick<FlashFile, "address" | "bytes" | "path">[],
): { readonly slot: 0 | 1; readonly age: number } | undefined {
  const [first] = TABLE_ADDRESSES;
  const file = files.find(({ address }) => address === first);
  const firmware = file && told(() => findPartition(parsePartitionTable(file.bytes, file.path), "FW"));
  return firmware && { slot: firmware.active, age: firmware.age };
}
