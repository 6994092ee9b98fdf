/** The device's status codes as the vendor's public tools name them. */
const STATUS: Readonly<Record<number, string>> = {
  1: "flash init error",
  2: "flash erase parameter error",
  3: "flash erase error",
  4: "flash write parameter error",
  5: "flash write address error",
  6: "flash write error",
  7: "flash boot parameter error",
  8: "flash set parameter error",
  9: "flash read status register error",
  10: "flash write status register error",
  11: "flash decompress write error",
  12: "flash write xz error",
  13: "flash switch bank error",
  257: "command id error",
  258: "command length error",
  259: "command checksum error",
  260: "command sequence error",
  65532: "PLL error",
  65533: "invasion error",
  65534: "polling",
  65535: "failure",
};

/** `FL 0006 (flash write error)`. */
export const statusText = (status: number): string =>
  `FL ${status.toString(16).padStart(4, "0")} (${STATUS[status] ?? "unknown status"})`;
