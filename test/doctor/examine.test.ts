import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { checksOf, FTDI, idsOf, opened, rig } from "./rigs.js";
import { BARE, FakeMachine, PI4, PI4_MINI, PI5, type Tree, usb, ZERO2 } from "./trees.js";

const IDS = [
  ...["board", "sysfs-gpio", "gpio-chip", "lines-free", "access", "persist-gpio-outputs", "onoff-loads"],
  ...["character-device", "port-identity", "uart-clock", "console", "actual-baud", "usb-adapter", "ftdi-latency"],
  ...[
    "uart-dma",
    "stable-name",
    "port-in-use",
    "tx-idle",
    "spi-loads",
    "spi-device",
    "spi-access",
    "spi-chip-select",
    "spi-speed",
  ],
  ...["cs-idle", "ready-idle"],
];
const STABLE = "usb-FTDI_FT232R_USB_UART_A1-if00-port0";

describe("machines on which nothing is wrong: every check is listed, and none is held against the rig", () => {
  test.each<[string, Tree, string, string]>([
    ["Pi 4, PL011", PI4, "/dev/ttyAMA0", "boot line 17 (sysfs 529)"],
    ["Pi 5, RP1", PI5, "/dev/ttyAMA0", "boot line 17 (sysfs 586)"],
    ["Zero 2 W", ZERO2, "/dev/ttyAMA0", "boot line 17 (sysfs 529)"],
    ["Pi 4, FTDI", { ...PI4, ...usb({ ...FTDI, latency: 1, stable: STABLE }) }, `/dev/serial/by-id/${STABLE}`, "529"],
  ])("%s", async (_, tree, path, line) => {
    using machine = new FakeMachine(tree);
    const checks = await checksOf(machine, rig("onoff", path), { open: opened({ uartclk: 48_000_000, latency: 1 }) });
    expect([...checks.keys()]).toEqual(IDS);
    expect([...idsOf(checks, "failed"), ...idsOf(checks, "warned")]).toEqual([]);
    expect(checks.get("gpio-chip")?.found).toContain(line);
    expect(checks.get("actual-baud")).toMatchObject({ status: "passed", found: "500000 Bd, 2000000 Bd" });
  });
});

test("a simulated rig: everything is listed and nothing applies", async () => {
  using machine = new FakeMachine(PI4);
  const checks = await checksOf(machine, rig("sim", undefined));
  expect(idsOf(checks, "not-applicable")).toEqual(IDS);
});

test("a machine with no GPIO and no port: said once each", async () => {
  using machine = new FakeMachine(BARE);
  const checks = await checksOf(machine, rig("onoff", "/dev/ttyUSB0"));
  expect(idsOf(checks, "failed")).toEqual(["sysfs-gpio", "gpio-chip", "port-identity"]);
  expect(checks.get("gpio-chip")?.found).toBe("no GPIO chip on this machine");
  expect(checks.get("port-identity")?.found).toBe("/dev/ttyUSB0 is not there; no USB adapter is plugged in");
});

describe("one thing that is wrong", () => {
  type Wrong = [what: string, tree: Tree, path: string, id: string, status: string, found: string, advice: string];
  const cp2102 = { driver: "cp210x", id: "10c4:ea60", product: "CP2102 USB to UART Bridge Controller" };
  const usb0 = "/dev/ttyUSB0";
  const ama0 = "/dev/ttyAMA0";
  test.each<Wrong>([
    ["mini-UART", PI4_MINI, "/dev/serial0", "port-identity", "failed", "the mini-UART", "dtoverlay=disable-bt"],
    ["Pi 5, serial0", PI5, "/dev/serial0", "port-identity", "failed", "ttyAMA10", "/dev/ttyAMA0"],
    ["no such port", PI4, usb0, "port-identity", "failed", "/dev/ttyUSB0 is not there", "by-id"],
    ["a file", { ...PI4, "/dev/note": "" }, "/dev/note", "port-identity", "failed", "no serial port", "by-id"],
    [
      "UART clock of 3 MHz",
      {
        ...PI4,
        "/sys/devices/platform/soc/fe201000.serial/fe201000.serial:0/fe201000.serial:0.0/tty/ttyAMA0/uartclk":
          "3000000",
      },
      ama0,
      ...(["uart-clock", "failed", "up to 187500 Bd", "init_uart_clock=48000000"] as const),
    ],
    [
      "CP2102",
      { ...PI4, ...usb(cp2102) },
      usb0,
      "usb-adapter",
      "failed",
      "CP2102 or CP2103, up to 1000000 Bd",
      "2000000",
    ],
    [
      "CP210x of an unknown type",
      { ...PI4, ...usb({ driver: "cp210x", id: "10c4:ea60" }) },
      usb0,
      ...(["usb-adapter", "warned", "1000000 or 3000000 Bd", "actual-baud"] as const),
    ],
    [
      "CH340",
      { ...PI4, ...usb({ driver: "ch341", id: "1a86:7523" }) },
      usb0,
      "usb-adapter",
      "warned",
      "not verifiable",
      "loopback",
    ],
    [
      "CH343",
      { ...PI4, ...usb({ driver: "cdc_acm", id: "1a86:55d3", name: "ttyACM0" }) },
      "/dev/ttyACM0",
      ...(["usb-adapter", "warned", "CH343", "loopback"] as const),
    ],
    [
      "another adapter",
      { ...PI4, ...usb({ driver: "oti6858", id: "0ea0:6858" }) },
      usb0,
      "usb-adapter",
      "warned",
      "0ea0:6858",
      "data sheet",
    ],
    [
      "FTDI with 16 ms",
      { ...PI4, ...usb({ ...FTDI, latency: 16 }) },
      usb0,
      "ftdi-latency",
      "warned",
      "16 ms",
      "latency_timer",
    ],
    ["a bare name", { ...PI4, ...usb({ ...FTDI, stable: STABLE }) }, usb0, "stable-name", "warned", usb0, STABLE],
    [
      "a console",
      { ...PI4, "/proc/cmdline": "console=serial0,115200 quiet" },
      ama0,
      "console",
      "failed",
      "console=serial0",
      "raspi-config",
    ],
    [
      "an active console",
      { ...PI4, "/proc/consoles": "ttyAMA0 -W-" },
      ama0,
      "console",
      "failed",
      "/proc/consoles",
      "raspi-config",
    ],
    [
      "a login",
      { ...PI4, "/etc/systemd/system/getty.target.wants/serial-getty@ttyAMA0.service": "" },
      ama0,
      ...(["console", "failed", "serial-getty@ttyAMA0 is enabled", "raspi-config"] as const),
    ],
    [
      "in use",
      { ...PI4, "/proc/4711/fd/5": "->/dev/ttyAMA0", "/proc/4711/comm": "minicom\n" },
      ama0,
      ...(["port-in-use", "failed", "minicom (pid 4711)", "End what uses"] as const),
    ],
    [
      "UART with DMA",
      { ...PI5, "/sys/kernel/debug/dmaengine/summary": "dma0chan0 | 1f00030000.serial:tx\n" },
      ama0,
      ...(["uart-dma", "warned", "1f00030000.serial:tx", "kernel"] as const),
    ],
    [
      "levels that are not kept",
      { ...PI4, "/sys/module/pinctrl_bcm2835/parameters/persist_gpio_outputs": "N" },
      ama0,
      ...(["persist-gpio-outputs", "warned", "pinctrl_bcm2835: N", "floats"] as const),
    ],
    [
      "an export that was left",
      { ...PI4, "/sys/class/gpio/gpio529/direction": "out", "/sys/class/gpio/gpio529/value": "1" },
      ama0,
      ...(["lines-free", "warned", "boot is exported in sysfs: gpio529 as out, 1", "on purpose"] as const),
    ],
  ])("%s", async (_, tree, path, id, status, found, advice) => {
    using machine = new FakeMachine(tree);
    const checks = await checksOf(machine, rig("onoff", path));
    expect(checks.get(id)).toMatchObject({
      status,
      found: expect.stringContaining(found),
      advice: expect.stringContaining(advice),
    });
    const others = [...checks.values()].filter((check) => check.status === "failed" && check.id !== id);
    expect(others).toEqual([]);
  });

  test("two chips with a Raspberry Pi's label: both are told", async () => {
    const second = { label: "pinctrl-rp1", base: "600", ngpio: "54" };
    const tree = Object.entries(second).map(([file, text]) => [`/sys/class/gpio/gpiochip600/${file}`, text]);
    using machine = new FakeMachine({ ...PI4, ...Object.fromEntries(tree) });
    const checks = await checksOf(machine, rig("onoff", "/dev/ttyAMA0"));
    expect(checks.get("gpio-chip")).toMatchObject({
      status: "failed",
      found: expect.stringMatching(/gpiochip512.*base 512.*gpiochip600.*base 600/),
    });
  });

  test("the package onoff does not load", async () => {
    using machine = new FakeMachine(PI4);
    const loadOnoff = async () => "Cannot find module epoll.node";
    const checks = await checksOf(machine, rig("onoff", "/dev/ttyAMA0"), { loadOnoff });
    expect(checks.get("onoff-loads")).toMatchObject({ status: "failed", advice: expect.stringContaining("rebuild") });
    expect(idsOf(await checksOf(machine, rig("none", "/dev/ttyAMA0"), { loadOnoff }), "failed")).toEqual([]);
  });
});

test("whatever the files hold: every check is listed, none throws", async () => {
  const files = Object.keys({ ...PI4, ...usb({ ...FTDI, latency: 16, stable: STABLE }) }).filter(
    (path) => !path.endsWith("driver") && !path.endsWith("device") && !path.startsWith("/sys/class/tty"),
  );
  const damage = fc.dictionary(
    fc.constantFrom(...files),
    fc.oneof(fc.string(), fc.constantFrom("", "-1", "->x", "->/", "0")),
  );
  const paths = fc.constantFrom(
    "/dev/ttyUSB0",
    "/dev/ttyAMA0",
    "/dev/serial0",
    `/dev/serial/by-id/${STABLE}`,
    "/dev",
    "",
  );
  await fc.assert(
    fc.asyncProperty(damage, paths, fc.constantFrom("onoff", "chardev", "none"), async (damaged, path, driver) => {
      using machine = new FakeMachine(PI4, usb({ ...FTDI, latency: 16, stable: STABLE }), damaged);
      const checks = await checksOf(machine, rig(driver, path || "x"));
      expect([...checks.keys()]).toEqual(IDS);
      for (const { status, advice } of checks.values()) {
        expect(advice === "").toBe(status === "passed" || status === "not-applicable");
      }
    }),
    { numRuns: 60 },
  );
});
