import type { RigConfig } from "../../rigs/file/schema.js";
import { CS_TAKEN, ENABLE_SPI, INSTALL } from "../../rigs/spi/trouble.js";
import { failed, type Judgement, notApplicable, passed, type Rule, warned } from "./check.js";
import type { Facts } from "./facts.js";
import type { LineFacts } from "./lines.js";
import type { SpiFacts } from "./spi-facts.js";

/** A check of a rig whose SPI is a device of this machine. */
const ofSpi = (judge: (spi: SpiFacts, facts: Facts) => Judgement): Rule["judge"] => {
  return (facts) =>
    facts.spi === undefined ? notApplicable("this rig has no SPI of this machine") : judge(facts.spi, facts);
};

/** A check of an SPI device that is there. */
const ofDevice = (judge: (spi: SpiFacts, facts: Facts) => Judgement): Rule["judge"] =>
  ofSpi((spi, facts) => (spi.name === undefined ? notApplicable(`${spi.path} is not there`) : judge(spi, facts)));

export const spiLoads: Rule = {
  id: "spi-loads",
  expected: "the package spi-device and its native part load",
  judge: ofSpi((_, { spiTrouble }) => (spiTrouble === undefined ? passed("it loads") : failed(spiTrouble, INSTALL))),
};

export const spiDevice: Rule = {
  id: "spi-device",
  expected: "an SPI device of the kernel's",
  judge: ofSpi(({ path, name }, { spiDevices }) => {
    if (name !== undefined) return passed(name);
    const others = spiDevices.length === 0 ? "this machine has none" : `there is ${spiDevices.join(", ")}`;
    return failed(
      `${path} is no SPI device; ${others}`,
      spiDevices.length === 0 ? `${ENABLE_SPI}.` : "Correct spi.path in the rig file.",
    );
  }),
};

export const spiAccess: Rule = {
  id: "spi-access",
  expected: "this user may use the SPI device",
  judge: ofDevice(({ path, mayUse }, { machine: { user } }) =>
    mayUse
      ? passed(path)
      : failed(`${user} may not use ${path}`, `Run \`sudo usermod -aG spi ${user}\`, then log out and in again.`),
  ),
};

export const spiChipSelect: Rule = {
  id: "spi-chip-select",
  expected: "an overlay that leaves the line of spi.cs",
  judge: ofDevice(({ chipSelects }, { config }) => {
    if (chipSelects === undefined) return notApplicable("no device tree tells which lines the kernel's SPI has");
    const found =
      chipSelects.length === 0
        ? "the kernel's SPI has no chip select"
        : `the kernel's SPI has ${chipSelects.join(", ")}`;
    const cs = numberOf(config);
    return cs !== undefined && chipSelects.includes(cs) ? failed(found, CS_TAKEN) : passed(found);
  }),
};

export const spiSpeed: Rule = {
  id: "spi-speed",
  expected: "a clock that the device is meant for",
  judge: ofDevice(({ fastestHz }, { config }) => {
    const speedHz = config.spi?.speedHz ?? 0;
    if (fastestHz === undefined) return notApplicable(`${speedHz} Hz; no device tree tells the fastest`);
    const found = `${speedHz} Hz, of up to ${fastestHz} Hz`;
    return speedHz <= fastestHz ? passed(found) : warned(found, "Lower spi.speedHz in the rig file.");
  }),
};

export const chipSelectIdle: Rule = {
  id: "cs-idle",
  expected: "CS low while nobody uses the module",
  judge: ofSpi((_, { lines, config }) => {
    const isAsserted = levelOf(lines, "cs", config.spi?.cs?.active);
    if (isAsserted === undefined)
      return notApplicable("CS is not exported: its level cannot be read without taking it");
    if (!isAsserted) return passed("CS is not asserted");
    return warned(
      "CS is asserted: it selects the module, and feeds one that is off",
      "Run `st67-hil rig safe --rig FILE`.",
    );
  }),
};

export const readyIdle: Rule = {
  id: "ready-idle",
  expected: "SPI_RDY low while CHIP_EN is low",
  judge: ({ config: { straps }, lines, readyWhenOff }) => {
    if (straps.ready === undefined) return notApplicable("this rig has no input for SPI_RDY");
    const isOff = levelOf(lines, "chipEn", straps.chipEn?.active) === false;
    const level = readyWhenOff ?? (isOff ? levelOf(lines, "ready", straps.ready.active) : undefined);
    if (level === undefined) return notApplicable("the lines cannot be read without taking them; --active does");
    if (!level) return passed("SPI_RDY is low while the module is off");
    return failed(
      "SPI_RDY is high while the module is off",
      "Pull it down: a resistor of 10 k to ground, or `gpio=N=ip,pd` in config.txt. Else see whether straps.ready is the right line.",
    );
  },
};

const numberOf = ({ spi }: RigConfig): number | undefined => {
  const cs = spi?.cs;
  if (cs === undefined) return undefined;
  return "bcm" in cs ? cs.bcm : "offset" in cs ? cs.offset : undefined;
};

/** Whether a line that is exported in sysfs is asserted. */
function levelOf(lines: readonly LineFacts[], name: string, active = "high"): boolean | undefined {
  const value = lines.find((line) => line.name === name)?.exported?.value;
  return value === "0" || value === "1" ? (value === "1") === (active === "high") : undefined;
}
