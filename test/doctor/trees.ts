import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Host } from "../../harness/doctor/host.js";
import { scratch } from "../support/scratch.js";

/** Files by path; a value that begins with `->` is a link. */
export type Tree = Readonly<Record<string, string>>;

/** A machine's files in a folder of the test's own, gone at its end. */
export class FakeMachine implements Disposable {
  readonly #folder = scratch();
  readonly host = new Host(this.#folder.path);

  constructor(...trees: readonly Tree[]) {
    for (const [path, content] of Object.entries(Object.assign({}, ...trees) as Tree)) this.#place(path, content);
  }

  #place(path: string, content: string): void {
    const file = join(this.host.root, path);
    mkdirSync(dirname(file), { recursive: true });
    if (content.startsWith("->")) symlinkSync(content.slice(2), file);
    else writeFileSync(file, content);
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

const board = (model: string, kernel: string): Tree => ({
  "/proc/device-tree/model": `${model}\0`,
  "/proc/sys/kernel/osrelease": `${kernel}\n`,
  "/proc/cmdline": "root=/dev/mmcblk0p2 console=tty1\n",
  "/proc/consoles": "tty1                 -WU (EC    )    4:1\n",
  "/etc/group": "root:x:0:\ndialout:x:20:pi\ngpio:x:993:pi\n",
});

const gpio = (label: string, base: number, lines: number, persist: Tree): Tree => ({
  "/sys/class/gpio/export": "",
  [`/sys/class/gpio/gpiochip${base}/label`]: `${label}\n`,
  [`/sys/class/gpio/gpiochip${base}/base`]: `${base}\n`,
  [`/sys/class/gpio/gpiochip${base}/ngpio`]: `${lines}\n`,
  "/dev/gpiochip0": "",
  ...persist,
});

/** As newer kernels have it: two devices of a bus of their own between the port and its hardware. */
const onboard = (name: string, device: string, driver: string, compatible: string, uartclk: number): Tree => {
  const soc = `/sys/devices/platform/soc/${device}`;
  const port = `${soc}/${device}:0/${device}:0.0`;
  return {
    [`/dev/${name}`]: "",
    [`${soc}/driver`]: `->/sys/bus/platform/drivers/${driver}`,
    [`/sys/bus/platform/drivers/${driver}/uevent`]: "",
    [`${soc}/of_node/compatible`]: `${compatible}\0`,
    [`${port}/driver`]: "->../../../../../../bus/serial-base/drivers/port",
    "/sys/bus/serial-base/drivers/port/uevent": "",
    [`${port}/tty/${name}/uartclk`]: `${uartclk}\n`,
    [`${port}/tty/${name}/device`]: "->../..",
    [`/sys/class/tty/${name}`]: `->../../devices/platform/soc/${device}/${device}:0/${device}:0.0/tty/${name}`,
  };
};

interface Usb {
  readonly driver: string;
  readonly id: string;
  readonly product?: string;
  readonly name?: string;
  readonly latency?: number;
  readonly stable?: string;
}

/** An adapter on USB. */
export const usb = ({ driver, id, product, name = "ttyUSB0", latency, stable }: Usb): Tree => {
  const device = "/sys/devices/platform/usb1/1-1";
  const [vendor, idProduct] = id.split(":");
  return {
    [`/dev/${name}`]: "",
    [`${device}/idVendor`]: `${vendor}\n`,
    [`${device}/idProduct`]: `${idProduct}\n`,
    [`${device}/bcdDevice`]: "0600\n",
    ...(product !== undefined && { [`${device}/product`]: `${product}\n` }),
    [`${device}/1-1:1.0/${name}/driver`]: `->/sys/bus/usb-serial/drivers/${driver}`,
    [`/sys/bus/usb-serial/drivers/${driver}/uevent`]: "",
    [`${device}/1-1:1.0/${name}/tty/${name}/device`]: "->../..",
    [`/sys/class/tty/${name}`]: `->../../devices/platform/usb1/1-1/1-1:1.0/${name}/tty/${name}`,
    ...(latency !== undefined && { [`/sys/bus/usb-serial/devices/${name}/latency_timer`]: `${latency}\n` }),
    ...(stable !== undefined && { [`/dev/serial/by-id/${stable}`]: `->../../${name}` }),
  };
};

const persist2835 = { "/sys/module/pinctrl_bcm2835/parameters/persist_gpio_outputs": "Y\n" };

export const PI4: Tree = {
  ...board("Raspberry Pi 4 Model B Rev 1.4", "6.6.31+rpt-rpi-v8"),
  ...gpio("raspberrypi-exp-gpio", 570, 8, {}),
  ...gpio("pinctrl-bcm2711", 512, 58, persist2835),
  ...onboard("ttyAMA0", "fe201000.serial", "uart-pl011", "arm,pl011\0arm,primecell", 48_000_000),
  "/dev/serial0": "->ttyAMA0",
};

/** The mini-UART at GPIO 14 and 15: Bluetooth has the PL011. */
export const PI4_MINI: Tree = {
  ...PI4,
  ...onboard("ttyS0", "fe215040.serial", "bcm2835-aux-uart", "brcm,bcm2835-aux-uart", 500_000_000),
  "/dev/serial0": "->ttyS0",
};

export const PI5: Tree = {
  ...board("Raspberry Pi 5 Model B Rev 1.0", "6.12.34+rpt-rpi-2712"),
  ...gpio("pinctrl-rp1", 569, 54, { "/sys/module/pinctrl_rp1/parameters/persist_gpio_outputs": "Y\n" }),
  ...onboard("ttyAMA10", "107d001000.serial", "uart-pl011", "arm,pl011\0arm,primecell", 44_236_800),
  ...onboard("ttyAMA0", "1f00030000.serial", "uart-pl011", "arm,pl011-axi", 50_000_000),
  "/dev/serial0": "->ttyAMA10",
};

export const ZERO2: Tree = {
  ...board("Raspberry Pi Zero 2 W Rev 1.0", "6.12.25+rpt-rpi-v8"),
  ...gpio("pinctrl-bcm2835", 512, 54, persist2835),
  ...onboard("ttyAMA0", "3f201000.serial", "uart-pl011", "arm,pl011\0arm,primecell", 48_000_000),
};

/** A machine without GPIO and without a port. */
export const BARE: Tree = { "/proc/sys/kernel/osrelease": "6.1.0\n", "/proc/cmdline": "quiet\n" };
