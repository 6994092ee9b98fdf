import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CONFIG = "/sys/kernel/config/gpio-sim";
const SYSFS = "/sys/class/gpio";

/** A chip of simulated lines, seen from both sides. */
export interface SimChip {
  readonly label: string;
  /** Its character device, as `gpiochip1`. */
  readonly name: string;
  /** What sysfs and the kernel's trace add to a line's offset. */
  readonly base: number;
  /** The level at the pin: what a module wired to it would see. */
  level(offset: number): boolean;
}

/** Makes a chip with as many lines: gpio-sim's configfs interface, as the kernel's documentation has it. */
export function makeChip(device: string, label: string, lines: number): SimChip {
  const folder = join(CONFIG, device);
  mkdirSync(join(folder, "bank"), { recursive: true });
  writeFileSync(join(folder, "bank/num_lines"), String(lines));
  writeFileSync(join(folder, "bank/label"), label);
  writeFileSync(join(folder, "live"), "1");
  const name = textOf(join(folder, "bank/chip_name"));
  const pins = join("/sys/devices/platform", textOf(join(folder, "dev_name")), name);
  return {
    label,
    name,
    base: baseOf(label),
    level: (offset) => textOf(join(pins, `sim_gpio${offset}`, "value")) === "1",
  };
}

/** As sysfs says: the kernel gives the numbers out, and they are not ours to guess. */
function baseOf(label: string): number {
  const chip = readdirSync(SYSFS)
    .filter((entry) => entry.startsWith("gpiochip"))
    .find((entry) => textOf(join(SYSFS, entry, "label")) === label);
  if (chip === undefined) throw new Error(`${SYSFS}: no chip is labelled ${label}`);
  return Number(textOf(join(SYSFS, chip, "base")));
}

const textOf = (file: string): string => readFileSync(file, "utf8").trim();
