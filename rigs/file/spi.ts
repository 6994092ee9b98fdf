import type { Need } from "./pins.js";

type Fields = Readonly<Record<string, unknown>>;

/** Whose lines go with an SPI driver: CS and SPI_RDY are on the same kind of line as BOOT, or come with the socket. */
const GOES_WITH: Readonly<Record<string, readonly string[]>> = {
  spidev: ["onoff", "chardev"],
  socket: ["socket", "none"],
  sim: ["sim"],
};

/** What `spi`, as written, lacks for its driver beside `straps.driver`. */
export function spiNeeds(lines: unknown, spi: Fields, straps: Fields): Need[] {
  const driver = String(spi["driver"]);
  const fitting = GOES_WITH[driver];
  if (fitting === undefined) return [];
  const needs: Need[] = [];
  const need = (group: string, field: string, expected: string) => needs.push({ path: [group, field], expected });
  if (!fitting.includes(String(lines))) {
    const fit = Object.keys(GOES_WITH).find((name) => GOES_WITH[name]?.includes(String(lines)));
    const instead = fit === undefined ? "no spi" : `${fit}, or no spi`;
    need("spi", "driver", `${instead}: ${driver} goes with straps.driver ${fitting.join(" or ")}`);
    return needs;
  }
  if (driver === "socket" && spi["path"] === undefined) need("spi", "path", "path of a socket, with the driver socket");
  if (driver !== "spidev") return needs;
  if (spi["path"] === undefined) need("spi", "path", "path of an SPI device, with the driver spidev");
  const cs = spi["cs"];
  const foreign = lines === "onoff" ? ["line"] : ["line", "sysfs"];
  if (typeof cs !== "object" || cs === null || foreign.some((form) => form in cs)) {
    const forms = lines === "onoff" ? "{ bcm }, { chip, offset } or { sysfs }" : "{ bcm } or { chip, offset }";
    need("spi", "cs", `${forms}, with the driver spidev and straps.driver ${lines}`);
  }
  if (straps["ready"] === undefined) need("straps", "ready", "the line of SPI_RDY, with spi.driver spidev");
  return needs;
}
