import { encodeOta } from "../../harness/firmware/ota.js";
import { syntheticFirmware } from "../../harness/firmware/synthetic.js";
import { xzCompress } from "../../harness/native/xz.js";

interface Recipe {
  readonly kind?: "raw" | "xz";
  readonly profile?: "t01" | "t02" | "mfg";
  readonly version?: string;
  /** Of the header, where it is another than the image's. */
  readonly stated?: string;
  readonly hardware?: string;
  readonly bytes?: number;
}

export const imageOf = ({ profile = "t01", version = "2.0.106", bytes = 16_000 }: Recipe = {}): Uint8Array =>
  syntheticFirmware({ profile, version, bytes });

/** A container as ST makes them, with a small image. */
export function container(recipe: Recipe = {}): Uint8Array {
  const { kind = "raw", version = "2.0.106", stated = version, hardware = "QCC_Module_v1.1" } = recipe;
  const image = imageOf(recipe);
  return encodeOta({ kind, hardware, version: stated, payload: kind === "raw" ? image : xzCompress(image) });
}
