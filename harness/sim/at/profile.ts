import { XzError, xzDecompress } from "../../native/xz.js";
import { isXz } from "../boot/expand.js";

/** The marker of an image: what it is, and its board, which AT+GMR leaves out. */
const MARKER = /SW image:(spi_wifi|mfg_test)(_qcc74\w{1,3}dk)?(_lwip_onhost)?/;

export const markerOf = (image: Uint8Array): RegExpExecArray | null =>
  MARKER.exec(Buffer.from(image).toString("latin1"));

/** Whether an update is of another profile than the firmware that runs; one that cannot be expanded is. */
export function isOtherProfile(payload: Uint8Array, most: number, running: Uint8Array): boolean {
  try {
    const image = isXz(payload) ? xzDecompress(payload, most) : payload;
    return profileOf(image) !== profileOf(running);
  } catch (error) {
    if (error instanceof XzError) return true;
    throw error;
  }
}

/** Images without a marker are of the time before LwIP could run on the host. */
function profileOf(image: Uint8Array): string {
  const [, name = "spi_wifi", , stack = ""] = markerOf(image) ?? [];
  return name + stack;
}
