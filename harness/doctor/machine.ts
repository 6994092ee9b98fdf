import { join } from "node:path";
import { type GpioChip, SYSFS_GPIO, sysfsChips } from "../../rigs/lines/gpio-chips.js";
import { userName } from "../base/user.js";
import type { Host } from "./host.js";

/** Drivers of a Raspberry Pi's pins, which may keep a level after a line is given back. */
const PIN_DRIVERS = ["pinctrl_bcm2835", "pinctrl_rp1"];

/** A line that somebody exported in sysfs: its direction and level. */
export interface Exported {
  readonly direction: string;
  readonly value: string;
}

/** What a machine tells of itself and of its GPIO. */
export interface Machine {
  readonly model: string | undefined;
  readonly kernel: string | undefined;
  readonly user: string;
  /** Groups of this user, by name. */
  readonly groups: readonly string[];
  /** By id. */
  readonly groupNames: ReadonlyMap<number, string>;
  readonly sysfsGpio: "writable" | "forbidden" | "missing";
  /** As sysfs has them. */
  readonly chips: readonly GpioChip[];
  /** By their numbers in sysfs. */
  readonly exported: ReadonlyMap<number, Exported>;
  /** GPIO character devices, and whether this user may use each. */
  readonly devices: readonly { readonly path: string; readonly mayUse: boolean }[];
  /** Whether a line keeps its level when it is given back; `undefined`: the pin driver has no such setting. */
  readonly persist: { readonly driver: string; readonly value: string } | undefined;
  /** DMA channels in use; `undefined`: may not be read. */
  readonly dma: string | undefined;
}

export function readMachine(host: Host): Machine {
  const groupNames = groupsOf(host);
  const mine = new Set([process.getgid?.(), ...(process.getgroups?.() ?? [])]);
  const exporter = `${SYSFS_GPIO}/export`;
  const persist = PIN_DRIVERS.flatMap((driver) => {
    const value = host.text(`/sys/module/${driver}/parameters/persist_gpio_outputs`);
    return value === undefined ? [] : [{ driver, value }];
  });
  return {
    model: host.text("/proc/device-tree/model"),
    kernel: host.text("/proc/sys/kernel/osrelease"),
    user: userName(),
    groups: [...groupNames].filter(([gid]) => mine.has(gid)).map(([, name]) => name),
    groupNames,
    sysfsGpio: !host.exists(exporter) ? "missing" : host.mayWrite(exporter) ? "writable" : "forbidden",
    chips: sysfsChips(join(host.root, SYSFS_GPIO)),
    exported: exportedOf(host),
    devices: host
      .names("/dev")
      .filter((name) => /^gpiochip\d+$/.test(name))
      .map((name) => ({ path: `/dev/${name}`, mayUse: host.mayUse(`/dev/${name}`) })),
    persist: persist[0],
    dma: host.text("/sys/kernel/debug/dmaengine/summary"),
  };
}

function exportedOf(host: Host): Map<number, Exported> {
  const numbers = host.names(SYSFS_GPIO).flatMap((name) => /^gpio(\d+)$/.exec(name)?.[1] ?? []);
  return new Map(
    numbers.map((number) => {
      const text = (file: string) => host.text(`${SYSFS_GPIO}/gpio${number}/${file}`) ?? "unreadable";
      return [Number(number), { direction: text("direction"), value: text("value") }];
    }),
  );
}

function groupsOf(host: Host): Map<number, string> {
  const lines = (host.text("/etc/group") ?? "").split("\n").map((line) => line.split(":"));
  return new Map(lines.map(([name = "", , gid = ""]) => [Number(gid), name]));
}
