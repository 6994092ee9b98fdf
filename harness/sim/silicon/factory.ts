import { encodePartitionTable, findPartition, ST_TABLE, TABLE_ADDRESSES } from "../../firmware/partition.js";
import { syntheticBoot2, syntheticFirmware } from "../../firmware/synthetic.js";

/** Older than any firmware that a host would program, and small: nobody but boot2 reads it. */
const VERSION = "2.0.75";
const FIRMWARE_BYTES = 64 * 1024;
/** Another signing key than the synthetic package's: a factory is not the host's to copy. */
const SEED = 75;

interface Part {
  readonly address: number;
  readonly bytes: Uint8Array;
}

let made: readonly Part[] | undefined;

/** What a module leaves the factory with: boot2, a partition table and a firmware that boots. Made once a process. */
export function factoryContents(): readonly Part[] {
  made ??= [
    { address: 0, bytes: syntheticBoot2(SEED) },
    { address: TABLE_ADDRESSES[0], bytes: encodePartitionTable(ST_TABLE) },
    {
      address: findPartition(ST_TABLE, "FW")?.slots[0].address ?? 0x10000,
      bytes: syntheticFirmware({ profile: "t01", version: VERSION, bytes: FIRMWARE_BYTES, seed: SEED }),
    },
  ];
  return made;
}
