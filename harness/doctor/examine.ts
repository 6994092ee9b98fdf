import type { RigConfig } from "../../rigs/file/schema.js";
import { type Check, checkOf, type Rule } from "./check.js";
import { type Facts, type Opening, usesGpio } from "./facts.js";
import * as gpio from "./gpio-rules.js";
import type { Host } from "./host.js";
import { type Devices, KernelDevices, readLines } from "./lines.js";
import { readMachine } from "./machine.js";
import { type PortFacts, readPort, stablePorts } from "./port-facts.js";
import * as ports from "./port-rules.js";
import { readSpi, spiDevices } from "./spi-facts.js";
import * as spi from "./spi-rules.js";
import { txIdle } from "./tx-rule.js";

/** All checks, in the order in which they are told. */
const RULES: readonly Rule[] = [
  gpio.board,
  gpio.sysfsGpio,
  gpio.gpioChip,
  gpio.linesFree,
  gpio.access,
  gpio.persistOutputs,
  gpio.onoffLoads,
  gpio.characterDevice,
  ports.portIdentity,
  ports.uartClock,
  ports.console,
  ports.actualBaud,
  ports.usbAdapter,
  ports.ftdiLatency,
  ports.uartDma,
  ports.stableName,
  ports.portInUse,
  txIdle,
  spi.spiLoads,
  spi.spiDevice,
  spi.spiAccess,
  spi.spiChipSelect,
  spi.spiSpeed,
  spi.chipSelectIdle,
  spi.readyIdle,
];

/** What is done beside reading files; a test brings its own. */
export interface Tools {
  readonly devices?: Devices;
  /** What came of it where the port was opened already. */
  readonly opening?: Opening | undefined;
  /** SPI_RDY while CHIP_EN was held low, where it was. */
  readonly readyWhenOff?: boolean | undefined;
  /** Opens the port at the rates of the rig. */
  readonly open?: (port: PortFacts) => Promise<Opening>;
  /** Why the package onoff does not load. */
  readonly loadOnoff?: () => Promise<string | undefined>;
  /** The same of spi-device. */
  readonly loadSpi?: () => Promise<string | undefined>;
}

/** Every check of a rig, in a fixed order, whether it applies or not. No line is opened, and nothing is reset. */
export async function examine(config: RigConfig, host: Host, tools: Tools = {}): Promise<Check[]> {
  const read = readFacts(config, host, tools.devices);
  const onoffTrouble = config.straps.driver === "onoff" ? await tools.loadOnoff?.() : undefined;
  const spiTrouble = read.spi === undefined ? undefined : await tools.loadSpi?.();
  const opening = tools.opening ?? (await openingOf(read, tools.open));
  const facts = { ...read, onoffTrouble, spiTrouble, opening, readyWhenOff: tools.readyWhenOff };
  return RULES.map((rule) => checkOf(rule, facts));
}

/** What can be read without opening anything. */
export function readFacts(config: RigConfig, host: Host, devices: Devices = new KernelDevices()): Facts {
  const machine = readMachine(host);
  const { driver, path } = config.serial;
  const spiPath = config.spi?.driver === "spidev" ? config.spi.path : undefined;
  return {
    config,
    machine,
    lines: usesGpio(config) ? readLines(config, machine, devices) : [],
    port: driver === "port" && path !== undefined ? readPort(host, path) : undefined,
    stablePorts: stablePorts(host),
    opening: { opened: false, why: "nothing was opened", busy: false },
    spi: spiPath === undefined ? undefined : readSpi(host, spiPath),
    spiDevices: spiDevices(host),
    readyWhenOff: undefined,
    onoffTrouble: undefined,
    spiTrouble: undefined,
  };
}

/** A port whose modem lines are BOOT and CHIP_EN stays closed: opening moves them. */
async function openingOf({ config, port }: Facts, open: Tools["open"]): Promise<Opening> {
  const not = (why: string, busy = false): Opening => ({ opened: false, why, busy });
  if (port === undefined) return not("this rig has no serial port of this machine");
  if (port.real === undefined) return not(`${port.path} is not there`);
  if (config.straps.driver === "modem") return not("opening the port moves BOOT and CHIP_EN; --active opens it");
  if (port.name === undefined && !ports.isPseudo(port)) return not(`${port.path} is no serial port`);
  if (port.name !== undefined && port.holders.length > 0) return not("another program has the port", true);
  if (!port.mayUse) return not("this user may not open the port");
  return open === undefined ? not("nothing was opened") : open(port);
}
