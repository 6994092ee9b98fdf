import type { RigConfig } from "../../rigs/file/schema.js";
import type { LineFacts } from "./lines.js";
import type { Machine } from "./machine.js";
import type { LiveFacts, PortFacts } from "./port-facts.js";
import type { SpiFacts } from "./spi-facts.js";

/** What came of opening the port at the rates of the rig, or why it was not opened. */
export type Opening =
  | { readonly opened: true; readonly rates: readonly Rate[]; readonly live: LiveFacts }
  /** `busy`: somebody else has it. `advice`: it was tried, and went wrong. */
  | { readonly opened: false; readonly why: string; readonly busy: boolean; readonly advice?: string };

/** `trouble`: what the UART made of it, where it is not the rate that was asked for. */
export interface Rate {
  readonly baud: number;
  readonly trouble: string | undefined;
}

/** All that the checks judge. */
export interface Facts {
  readonly config: RigConfig;
  readonly machine: Machine;
  /** Empty unless the lines are GPIO lines of this machine. */
  readonly lines: readonly LineFacts[];
  /** `undefined`: the rig has no port of this machine. */
  readonly port: PortFacts | undefined;
  /** Ports that are plugged in, under /dev/serial/by-id. */
  readonly stablePorts: readonly string[];
  readonly opening: Opening;
  /** `undefined`: the rig has no SPI of this machine. */
  readonly spi: SpiFacts | undefined;
  /** Those of this machine. */
  readonly spiDevices: readonly string[];
  /** SPI_RDY while CHIP_EN was held low; `undefined`: it was not held. */
  readonly readyWhenOff: boolean | undefined;
  /** Why the package of the line driver onoff does not load; `undefined`: it does, or was not needed. */
  readonly onoffTrouble: string | undefined;
  /** The same of the package of the SPI driver spidev. */
  readonly spiTrouble: string | undefined;
}

/** With `loadBaud: auto`, the first rate that is tried. */
const FASTEST_TRIED = 2_000_000;

/** Whether BOOT and CHIP_EN are GPIO lines of this machine. */
export const usesGpio = ({ straps }: RigConfig): boolean => straps.driver === "onoff" || straps.driver === "chardev";

/** The rates at which the rig wants its port, slowest first. */
export function ratesOf({ serial }: RigConfig): number[] {
  const load = serial.loadBaud === "auto" ? FASTEST_TRIED : serial.loadBaud;
  return [...new Set([serial.bootBaud, load])].sort((a, b) => a - b);
}

export const topBaud = (config: RigConfig): number => Math.max(...ratesOf(config));
