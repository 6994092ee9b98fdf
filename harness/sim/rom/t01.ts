import { HarnessError } from "../../base/errors.js";
import { readImage } from "../../firmware/image.js";
import { firmwareAddress } from "../boot/tables.js";
import type { Quirks } from "../quirks.js";
import type { Nor } from "../silicon/nor.js";

/** Whether the image in the active firmware slot has T01's marker in it. Images up to 2.0.75 have none, so: no. */
export function holdsT01(nor: Nor, quirks: Quirks): boolean {
  const address = firmwareAddress(nor, quirks);
  if (address === undefined) return false;
  try {
    return readImage(nor.read(address, nor.bytes.length), "the firmware slot").profile === "t01";
  } catch (error) {
    if (error instanceof HarnessError) return false;
    throw error;
  }
}
