import { describe, expect, test } from "@jest/globals";
import { examine } from "../../harness/doctor/examine.js";
import { checksOf, devicesOf, idsOf, rig } from "./rigs.js";
import { BARE, FakeMachine, PI4, type Tree, usb } from "./trees.js";

const NODE = "/sys/firmware/devicetree/base/soc/spi@7e204000";
/** As numbers of 32 bits. */
const cells = (...numbers: number[]) =>
  numbers.map((number) => String.fromCharCode(...[24, 16, 8, 0].map((bit) => (number >> bit) & 0x7f))).join("");

/** A Pi with an SPI device; `chipSelects`: the kernel's. */
const spiOf = (...chipSelects: number[]): Tree => ({
  ...PI4,
  "/dev/spidev0.0": "",
  "/sys/class/spidev/spidev0.0/device/of_node": `->${NODE}/spidev@0`,
  [`${NODE}/spidev@0/spi-max-frequency`]: cells(0x07735940),
  [`${NODE}/cs-gpios`]: chipSelects.map((line) => cells(7, line, 1)).join(""),
});

const SPI = { driver: "spidev", path: "/dev/spidev0.0", speedHz: 10_000_000, cs: { bcm: 8 } };
const withSpi = (more: object = {}) =>
  rig("onoff", "/dev/ttyAMA0", { straps: { ready: { bcm: 23 } }, spi: { ...SPI, ...more } });
const exported = (number: number, direction: string, value: number): Tree => ({
  [`/sys/class/gpio/gpio${number}/direction`]: direction,
  [`/sys/class/gpio/gpio${number}/value`]: `${value}`,
});
const OFF = exported(539, "out", 0);

test("an SPI on which nothing is wrong", async () => {
  using machine = new FakeMachine({ ...spiOf(), ...OFF, ...exported(520, "out", 0), ...exported(535, "in", 0) });
  const checks = await checksOf(machine, withSpi());
  expect(idsOf(checks, "failed")).toEqual([]);
  expect([...checks.values()].slice(-7).map(({ status, found }) => [status, found])).toEqual([
    ["passed", "it loads"],
    ["passed", "spidev0.0"],
    ["passed", "/dev/spidev0.0"],
    ["passed", "the kernel's SPI has no chip select"],
    ["passed", "10000000 Hz, of up to 125000000 Hz"],
    ["passed", "CS is not asserted"],
    ["passed", "SPI_RDY is low while the module is off"],
  ]);
});

describe("one thing that is wrong", () => {
  type Wrong = [id: string, tree: Tree, more: object, status: string, found: string, advice: string];
  test.each<Wrong>([
    ["spi-device", PI4, {}, "failed", "/dev/spidev0.0 is no SPI device; this machine has none", "dtoverlay=spi0-0cs"],
    ["spi-device", spiOf(), { path: "/dev/spidev1.0" }, "failed", "there is /dev/spidev0.0", "Correct spi.path"],
    ["spi-chip-select", spiOf(8, 7), {}, "failed", "the kernel's SPI has 8, 7", "dtoverlay=spi0-0cs"],
    ["spi-chip-select", spiOf(8, 7), { cs: { bcm: 25 } }, "passed", "the kernel's SPI has 8, 7", ""],
    [
      "spi-speed",
      { ...spiOf(), [`${NODE}/spidev@0/spi-max-frequency`]: cells(1_000_000 & 0x7f7f7f) },
      {},
      ...(["warned", "10000000 Hz, of up to", "Lower spi.speedHz"] as const),
    ],
    ["cs-idle", { ...spiOf(), ...exported(520, "out", 1) }, {}, "warned", "CS is asserted", "rig safe"],
    ["ready-idle", { ...spiOf(), ...OFF, ...exported(535, "in", 1) }, {}, "failed", "SPI_RDY is high", "10 k"],
    ["ready-idle", { ...spiOf(), ...exported(535, "in", 1) }, {}, "not-applicable", "--active does", ""],
  ])("%s", async (id, tree, more, status, found, advice) => {
    using machine = new FakeMachine(tree);
    const check = (await checksOf(machine, withSpi(more))).get(id);
    expect(check).toMatchObject({
      status,
      found: expect.stringContaining(found),
      advice: expect.stringContaining(advice),
    });
  });

  test("the package does not load", async () => {
    using machine = new FakeMachine(spiOf());
    const checks = await checksOf(machine, withSpi(), { loadSpi: async () => "Cannot find module spi.node" });
    expect(checks.get("spi-loads")).toMatchObject({ status: "failed", found: "Cannot find module spi.node" });
  });

  test("CS in the kernel's hands is told as a line that is held", async () => {
    using machine = new FakeMachine(spiOf(8));
    const chip = { name: "gpiochip0", label: "pinctrl-bcm2711", lines: 58 };
    const checks = await checksOf(machine, withSpi(), { devices: devicesOf([chip], { 8: "spi0 CS0" }) });
    expect(checks.get("lines-free")).toMatchObject({ status: "failed", found: "cs is held by spi0 CS0" });
  });

  test("--active has held CHIP_EN low, and seen SPI_RDY meanwhile", async () => {
    using machine = new FakeMachine(spiOf());
    const found = async (readyWhenOff: boolean) =>
      (await checksOf(machine, withSpi(), { readyWhenOff })).get("ready-idle")?.status;
    expect([await found(false), await found(true)]).toEqual(["passed", "failed"]);
  });
});

test("a rig without SPI of this machine: nothing applies", async () => {
  using machine = new FakeMachine(BARE);
  const checks = await examine(rig("none", "/dev/x", { spi: { driver: "socket", path: "s" } }), machine.host);
  expect(checks.slice(-7).map(({ status }) => status)).toEqual(Array(7).fill("not-applicable"));
});

test.each([
  ["ttyAMA0", PI4, "on", "passed", "uart-pl011: held low by a break while the supply is off"],
  ["ttyAMA0", PI4, "off", "warned", "TX idles high as soon as the port is closed"],
  ["ttyUSB0", { ...PI4, ...usb({ driver: "ch341", id: "1a86:7523" }) }, "on", "warned", "ch341 is not known"],
])("TX at a module whose supply is switched: %s %#", async (port, tree, power, status, found) => {
  using machine = new FakeMachine(tree);
  const config = rig("onoff", `/dev/${port}`, { straps: { power: { bcm: 22 } }, safeState: { power } });
  expect((await checksOf(machine, config)).get("tx-idle")).toMatchObject({
    status,
    found: expect.stringContaining(found),
  });
});
