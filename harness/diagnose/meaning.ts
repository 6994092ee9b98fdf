import { statusText } from "../protocol/status.js";

const PRINTABLE = /^[\t\n\r\x20-\x7e]+$/;

/** Whether bytes are the text of a program rather than damage. @param bytes hex digits. */
export const isText = (bytes: string): boolean => bytes.length >= 4 && PRINTABLE.test(latin(bytes));

/** The host hears its own burst, half of it at least: no ROM and no firmware says 0x55 again and again. */
export function isEcho(bytes: string): boolean {
  const own = Buffer.from(bytes, "hex").filter((byte) => byte === 0x55).length;
  return own >= 8 && own * 4 >= bytes.length;
}

/** Exactly OK, at the end of whatever came before. */
export const isOkAtLast = (bytes: string): boolean => bytes.endsWith("4f4b") && bytes.length % 2 === 0;

/** What bytes from the line mean, in words. @param bytes hex digits. */
export function meaningOf(bytes: string): string {
  if (bytes === "") return "nothing came: not a single byte";
  if (bytes === "4f4b") return "OK, the ROM's answer";
  if (bytes.startsWith("464c")) {
    const status = Number.parseInt(`${bytes.slice(6, 8)}${bytes.slice(4, 6)}`, 16);
    return Number.isNaN(status) ? "the beginning of a refusal (FL)" : `a refusal: ${statusText(status)}`;
  }
  if (bytes === "5044") return "PD, the ROM is still at work";
  if (isEcho(bytes)) return "the host's own 0x55: TX and RX touch each other, or the adapter echoes";
  if (isText(bytes)) return `text of a program: ${JSON.stringify(latin(bytes).slice(0, 40))}`;
  if (/^(?:00)+$/.test(bytes)) return "zeros: a line held low, or one at another rate";
  if (/^(?:ff)+$/.test(bytes)) return "ones: a line without a driver, or one at another rate";
  if (isOkAtLast(bytes)) return "foreign bytes, and OK behind them";
  if (Buffer.from(bytes, "hex").some((byte) => byte === 0x4f || byte === 0x4b))
    return "foreign bytes, among them an O or a K by chance";
  return "foreign bytes: a firmware talks, or the rates differ";
}

const latin = (bytes: string): string => Buffer.from(bytes, "hex").toString("latin1");
