import { XzError, xzDecompress } from "../../native/xz.js";
import { Refusal } from "../rom/refusal.js";
import type { Board } from "../rom/rom.js";
import { RomFlash } from "../rom/rom-flash.js";
import { load } from "./boot.js";
import { SectorWriter } from "./sector-writer.js";
import { firmwareIn, nextTable, tableInUse } from "./tables.js";

const XZ_MAGIC = Buffer.from("fd377a585a00", "hex");

export const isXz = (bytes: Uint8Array): boolean => XZ_MAGIC.equals(bytes.subarray(0, XZ_MAGIC.length));

/**
 * boot2 finds an update that is xz in the active slot: it expands it into the other one, judges what is there then, and
 * writes the next table over the one that does not count. The active slot keeps the stream until that table is whole: cut
 * at any time, it begins anew. That a stream is expanded as a whole before anything is erased is our choice.
 */
export async function expandUpdate(board: Board, signal: AbortSignal): Promise<void> {
  const { silicon, options } = board;
  const { nor } = silicon;
  const found = tableInUse(nor, options.quirks);
  const firmware = firmwareIn(found);
  if (found === undefined || firmware === undefined || options.ncp.xzSlot === "none") return;
  const slot = firmware.slots[firmware.active];
  if (firmware.length > slot.bytes || !isXz(nor.read(slot.address, XZ_MAGIC.length))) return;
  const isSame = options.ncp.xzSlot === "same";
  const active = (firmware.active === 0) === isSame ? 0 : 1;
  const target = firmware.slots[active];
  const image = expanded(nor.read(slot.address, firmware.length), target.bytes);
  if (image === undefined) return;
  using flash = new RomFlash({ ...board, nor, signal });
  try {
    await new SectorWriter(flash, target.address).write(image);
    if (isSame || !load(silicon, target.address, true).ok) return;
    await new SectorWriter(flash, found.otherAddress).write(nextTable(found.table, active, image.length));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

/** `undefined` for what is no stream, or an image that is too large. */
function expanded(stream: Uint8Array, most: number): Uint8Array | undefined {
  try {
    return xzDecompress(stream, most);
  } catch (error) {
    if (error instanceof XzError) return undefined;
    throw error;
  }
}
