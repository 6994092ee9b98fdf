import type { Erase } from "../base/events.js";
import type { Deadline } from "../base/time.js";
import { OTA } from "../firmware/ota.js";
import { TABLE_ADDRESSES } from "../firmware/partition.js";
import type { PartRow } from "../ncp/answers.js";
import type { At } from "../ncp/at.js";
import { readFw } from "../ncp/prove.js";
import type { UpdateFile } from "../ncp/update-file.js";
import type { Observer } from "../session/stage.js";
import { SECTOR_BYTES } from "./filled.js";

type Offered = Pick<UpdateFile, "bytes"> & Partial<Pick<UpdateFile, "kind" | "image">>;

/**
 * What an update makes a module erase, at the most: the slot that is not in use, the tables, and for xz the other slot, into which
 * boot2 expands it. The module does not say what it erases.
 */
function erasesOf(chip: string, { addresses, active }: PartRow, { bytes, kind, image }: Offered): Erase[] {
  const range = (address: number, length: number): Erase[] =>
    address === 0
      ? []
      : [{ chip, first: Math.floor(address / SECTOR_BYTES), sectors: Math.ceil(length / SECTOR_BYTES) }];
  const [first] = TABLE_ADDRESSES;
  return [
    ...range(addresses[active === 0 ? 1 : 0], Math.max(1, bytes.length - OTA.payload)),
    ...range(first, TABLE_ADDRESSES.length * SECTOR_BYTES),
    ...(kind === "xz" && image !== undefined ? range(addresses[active], image.bytes.length) : []),
  ];
}

/** Told before it begins, since it may not end. @param chip `undefined`: a module that does not tell who it is has no history. */
export async function tellWear(
  at: At,
  chip: string | undefined,
  file: Offered,
  deadline: Deadline,
  { wear }: Pick<Observer, "wear">,
): Promise<void> {
  if (chip === undefined || wear === undefined) return;
  for (const erase of erasesOf(chip, await readFw(at, deadline), file)) wear(erase);
}
