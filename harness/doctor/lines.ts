import type { RigConfig } from "../../rigs/file/schema.js";
import { findLine, type GpioAddress, type GpioChip, type GpioPlace } from "../../rigs/lines/gpio-chips.js";
import { HarnessError } from "../base/errors.js";
import { GpioDevice } from "../native/gpio.js";
import type { Exported, Machine } from "./machine.js";

/** Their kernel's answers, without opening a line. */
export interface Devices {
  /** The chips behind these devices; one that may not be asked is left out. */
  chips(paths: readonly string[]): GpioChip[];
  /** Who holds a line of a chip that `chips` returned; `undefined`: nobody. */
  consumer(place: GpioPlace): string | undefined;
}

/** A GPIO line of the rig, and where it is on this machine. */
export interface LineFacts {
  /** As in the rig file: boot, chipEn, power, ready, and cs of spi. */
  readonly name: string;
  readonly place: GpioPlace | undefined;
  /** Why it has no place. */
  readonly trouble: string | undefined;
  /** Its number in sysfs. */
  readonly number: number | undefined;
  readonly exported: Exported | undefined;
  /** Who holds it, as far as the kernel tells. */
  readonly consumer: string | undefined;
}

const NOWHERE = { place: undefined, number: undefined, exported: undefined, consumer: undefined };
const NAMES = ["boot", "chipEn", "power", "ready", "cs"] as const;

/** Where the lines of a rig with the line driver onoff or chardev are, and who has them. */
export function readLines(config: RigConfig, machine: Machine, devices: Devices): LineFacts[] {
  const behind = devices.chips(machine.devices.filter(({ mayUse }) => mayUse).map(({ path }) => path));
  const { straps, spi } = config;
  const chips = straps.driver === "chardev" ? behind : machine.chips;
  return NAMES.flatMap((name): LineFacts[] => {
    const line = name === "cs" ? spi?.cs : straps[name];
    if (line === undefined || "line" in line) return [];
    const found = placeOf(line, chips, name === "cs" ? "spi.cs" : `straps.${name}`);
    if (typeof found === "string") return [{ ...NOWHERE, name, trouble: found }];
    const inSysfs = sameChip(found.chip, machine.chips);
    const number = inSysfs?.base === undefined ? undefined : inSysfs.base + found.offset;
    const asked = sameChip(found.chip, behind);
    return [
      {
        name,
        place: found,
        trouble: undefined,
        number,
        exported: number === undefined ? undefined : machine.exported.get(number),
        consumer: asked && devices.consumer({ chip: asked, offset: found.offset }),
      },
    ];
  });
}

/** The same chip among those of the other interface, which has other names; `undefined` unless exactly one fits. */
function sameChip(chip: GpioChip, others: readonly GpioChip[]): GpioChip | undefined {
  if (others.includes(chip)) return chip;
  const [first, ...more] = others.filter(({ label, lines }) => label === chip.label && lines === chip.lines);
  return more.length === 0 ? first : undefined;
}

function placeOf(address: GpioAddress, chips: readonly GpioChip[], what: string): GpioPlace | string {
  try {
    return findLine(address, chips, what);
  } catch (error) {
    if (error instanceof HarnessError) return error.message;
    throw error;
  }
}

/** A chip with its device. */
interface DeviceChip extends GpioChip {
  readonly path: string;
}

/** The devices of this machine. libc is loaded with the first one that is asked. */
export class KernelDevices implements Devices {
  #chips: DeviceChip[] = [];

  chips(paths: readonly string[]): GpioChip[] {
    const all = paths.flatMap((path) => asked(path, (device) => [device.info()]) ?? []);
    /** A Raspberry Pi 5 has a second name for its first chip. */
    this.#chips = all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index);
    return this.#chips;
  }

  consumer({ chip, offset }: GpioPlace): string | undefined {
    const path = this.#chips.find(({ name }) => name === chip.name)?.path;
    if (path === undefined) return undefined;
    return asked(path, (device) => {
      const { used, consumer } = device.lineInfo(offset);
      return used ? consumer || "somebody without a name" : undefined;
    });
  }
}

/** What a device answers, or nothing when it is busy with going away or speaks an older language. */
function asked<T>(path: string, ask: (device: GpioDevice) => T): T | undefined {
  try {
    using device = new GpioDevice(path);
    return ask(device);
  } catch {
    return undefined;
  }
}
