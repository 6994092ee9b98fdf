import { basename, dirname, join } from "node:path";
import { holdersOf, type PortHolder } from "../../rigs/serial/holders.js";
import type { Host } from "./host.js";

/** The folders in which systemd keeps which consoles get a login. */
const LOGINS = ["/etc/systemd/system/getty.target.wants", "/run/systemd/generator/getty.target.wants"];

/** A serial port, as the files of the machine tell of it; nothing was opened. */
export interface PortFacts {
  /** As the rig file has it. */
  readonly path: string;
  /** The device behind all links; `undefined`: there is none. */
  readonly real: string | undefined;
  /** Name among the kernel's serial ports, such as ttyUSB0; `undefined`: it is none of them. */
  readonly name: string | undefined;
  readonly mayUse: boolean;
  /** Id of the group that owns it. */
  readonly gid: number | undefined;
  readonly driver: string | undefined;
  readonly compatible: readonly string[];
  /** What the device itself is called, below the ports of its driver. */
  readonly device: string | undefined;
  readonly usb: UsbFacts | undefined;
  /** Names under /dev/serial/by-id that lead to it. */
  readonly stableNames: readonly string[];
  /** Where it is named as a console. */
  readonly consoles: readonly string[];
  /** Processes that have it open, as far as this user may see; this one not counted. */
  readonly holders: readonly PortHolder[];
  /** What is read once more while the port is open. */
  readonly live: LiveFacts;
}

/** As the device's descriptor has it: four hex digits each. */
export interface UsbFacts {
  readonly vendor: string;
  readonly product: string;
  readonly release: string | undefined;
  readonly name: string | undefined;
}

export interface LiveFacts {
  /** Clock of the UART in Hz; some drivers set it as the port opens. */
  readonly uartclk: number | undefined;
  /** Milliseconds for which an FTDI adapter collects bytes. */
  readonly latency: number | undefined;
}

export function readPort(host: Host, path: string): PortFacts {
  const real = host.real(path);
  const name = real !== undefined && host.exists(`/sys/class/tty/${basename(real)}`) ? basename(real) : undefined;
  const above = name === undefined ? [] : ancestors(host.real(`/sys/class/tty/${name}/device`));
  const hardware = above.find((folder) => driverOf(host, folder) !== undefined);
  const compatible = above.map((folder) => host.text(`${folder}/of_node/compatible`)).find(Boolean);
  return {
    path,
    real,
    name,
    mayUse: host.mayUse(path),
    gid: host.gid(path),
    driver: hardware && driverOf(host, hardware),
    compatible: compatible?.split("\0") ?? [],
    device: hardware && basename(hardware),
    usb: usbOf(host, above),
    stableNames: stablePorts(host).filter((stable) => real !== undefined && host.real(stable) === real),
    consoles: name === undefined ? [] : consolesOf(host, name),
    holders: holdersOf(real, join(host.root, "proc")).filter(({ pid }) => pid !== process.pid),
    live: readLive(host, name),
  };
}

export const readLive = (host: Host, name: string | undefined): LiveFacts => ({
  uartclk: host.number(`/sys/class/tty/${name}/uartclk`),
  latency: host.number(`/sys/bus/usb-serial/devices/${name}/latency_timer`),
});

/** The ports that are plugged in, by names that stay theirs. */
export const stablePorts = (host: Host): string[] =>
  host.names("/dev/serial/by-id").map((name) => `/dev/serial/by-id/${name}`);

/** A device's folder and those above it. */
function ancestors(folder: string | undefined): string[] {
  const all: string[] = [];
  for (let at = folder; at !== undefined && at !== "/" && at !== "/sys"; at = dirname(at)) all.push(at);
  return all;
}

/** Newer kernels put two devices of their own bus between a port and its hardware. */
function driverOf(host: Host, folder: string): string | undefined {
  const driver = host.real(`${folder}/driver`);
  return driver === undefined || driver.includes("/serial-base/") ? undefined : basename(driver);
}

function usbOf(host: Host, above: readonly string[]): UsbFacts | undefined {
  for (const folder of above) {
    const vendor = host.text(`${folder}/idVendor`);
    const product = host.text(`${folder}/idProduct`);
    if (vendor === undefined || product === undefined) continue;
    return { vendor, product, release: host.text(`${folder}/bcdDevice`), name: host.text(`${folder}/product`) };
  }
  return undefined;
}

/** `console=serial0` goes through the link of that name, which Raspberry Pi OS makes. */
function consolesOf(host: Host, name: string): string[] {
  const meant = (console: string) => basename(host.real(`/dev/${console}`) ?? console) === name;
  const asked = [...(host.text("/proc/cmdline") ?? "").matchAll(/(?:^|\s)console=([^,\s]+)/g)]
    .filter(([, console = ""]) => meant(console))
    .map(([setting]) => `${setting.trim()} in /proc/cmdline`);
  const active = (host.text("/proc/consoles") ?? "").split("\n").some((line) => line.split(/\s/)[0] === name);
  const logins = LOGINS.filter((folder) => host.names(folder).some((unit) => isLogin(unit, name, meant)));
  return [
    ...asked,
    ...(active ? [`${name} in /proc/consoles`] : []),
    ...(logins.length > 0 ? [`serial-getty@${name} is enabled`] : []),
  ];
}

function isLogin(unit: string, name: string, meant: (console: string) => boolean): boolean {
  const [, console] = /^serial-getty@(.+)\.service$/.exec(unit) ?? [];
  return console !== undefined && (console === name || meant(console));
}
