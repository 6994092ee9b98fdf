import { basename } from "node:path";
import type { Host } from "./host.js";

/** An SPI device, as the files of the machine tell of it; nothing was opened. */
export interface SpiFacts {
  /** As the rig file has it. */
  readonly path: string;
  /** Its name behind all links, such as spidev0.0; `undefined`: it is no SPI device, or not there. */
  readonly name: string | undefined;
  readonly mayUse: boolean;
  /** Lines that the kernel's SPI has for chip selects, by their numbers on their chip; `undefined`: no device tree tells. */
  readonly chipSelects: readonly number[] | undefined;
  /** The device's fastest clock in Hz, as its device tree has it. */
  readonly fastestHz: number | undefined;
}

const CELL_BYTES = 4;
/** A chip, a line, and flags. */
const GPIO_CELLS = 3;

/** The SPI devices of a machine that programs may use. */
export const spiDevices = (host: Host): string[] =>
  host
    .names("/dev")
    .filter((name) => /^spidev\d+\.\d+$/.test(name))
    .map((name) => `/dev/${name}`);

export function readSpi(host: Host, path: string): SpiFacts {
  const real = host.real(path);
  const name = real !== undefined && /^\/dev\/spidev\d+\.\d+$/.test(real) ? basename(real) : undefined;
  const node = name === undefined ? undefined : host.real(`/sys/class/spidev/${name}/device/of_node`);
  const selects = node === undefined ? undefined : (cellsOf(host, `${node}/../cs-gpios`) ?? []);
  return {
    path,
    name,
    mayUse: host.mayUse(path),
    chipSelects: selects?.filter((_, at) => at % GPIO_CELLS === 1),
    fastestHz: node === undefined ? undefined : cellsOf(host, `${node}/spi-max-frequency`)?.[0],
  };
}

/** A property of a device tree: numbers of 32 bits, the most significant byte first. */
function cellsOf(host: Host, path: string): number[] | undefined {
  const bytes = host.bytes(path);
  if (bytes === undefined) return undefined;
  return Array.from({ length: Math.floor(bytes.length / CELL_BYTES) }, (_, at) => bytes.readUInt32BE(at * CELL_BYTES));
}
