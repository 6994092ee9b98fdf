import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HarnessError } from "../../harness/base/errors.js";

/** The folder of the kernel's GPIO interface for files. */
export const SYSFS_GPIO = "/sys/class/gpio";

/**
 * Pin controllers whose line n is the header's BCM number n: Zero to 3; 4; 5. Where their numbers begin in sysfs depends
 * on the kernel: 0 up to 6.1 and 512 after it on a Pi 4; 399, 569 and 571 were seen on Pis 5.
 */
export const BCM_LABELS: readonly unknown[] = ["pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"];

/** A GPIO chip of this machine. */
export interface GpioChip {
  /** Its name where it was found: `gpiochip512` in sysfs, where the number is the base; `gpiochip0` in /dev. */
  readonly name: string;
  readonly label: string;
  /** How many lines it has. */
  readonly lines: number;
  /** Its first line's number in sysfs; `undefined` in /dev, which numbers no lines. */
  readonly base?: number;
}

/** A line as a rig file names it. */
export type GpioAddress =
  | { readonly bcm: number }
  | { readonly chip: string; readonly offset: number }
  | { readonly sysfs: number };

/** A line and the chip that it was found on. */
export interface GpioPlace<C extends GpioChip = GpioChip> {
  readonly chip: C;
  readonly offset: number;
}

/** The chips that sysfs shows, whatever their labels; what cannot be read is left out. @param folder of sysfs. */
export function sysfsChips(folder = SYSFS_GPIO): (GpioChip & { readonly base: number })[] {
  let names: string[] = [];
  try {
    names = readdirSync(folder).filter((name) => /^gpiochip\d+$/.test(name));
  } catch {
    return [];
  }
  const chips = names.map((name) => {
    const text = (file: string) => textOf(join(folder, name, file));
    return { name, label: text("label"), base: Number(text("base") || Number.NaN), lines: Number(text("ngpio")) };
  });
  return chips.filter(({ base, lines }) => Number.isInteger(base) && lines > 0).sort((a, b) => a.base - b.base);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}

/**
 * The one place that `address` means among `chips`. A number is never reckoned by a constant: at the wrong base it is
 * a line of another chip, and nothing would say so.
 *
 * @param what for the message: whose line it is.
 * @throws HarnessError GPIO_NOT_FOUND, with all chips, unless it is exactly one line of exactly one of them.
 */
export function findLine<C extends GpioChip>(address: GpioAddress, chips: readonly C[], what: string): GpioPlace<C> {
  const { fits, offset, wanted } = searchFor<C>(address);
  const found = chips.filter(fits);
  const [chip] = found;
  if (chip === undefined || found.length > 1) {
    const count = found.length === 0 ? "" : `${found.length} of them: `;
    throw notFound(`${what}: expected ${wanted}; found ${count}${tellChips(found.length > 1 ? found : chips)}`, chips);
  }
  const at = offset(chip);
  if (at < chip.lines) return { chip, offset: at };
  throw notFound(`${what}: expected a line of ${tellChips([chip])}; found line ${at}, past its end`, chips);
}

interface Search<C> {
  readonly fits: (chip: C) => boolean;
  readonly offset: (chip: C) => number;
  readonly wanted: string;
}

function searchFor<C extends GpioChip>(address: GpioAddress): Search<C> {
  if ("bcm" in address) {
    return {
      fits: ({ label }) => BCM_LABELS.includes(label),
      offset: () => address.bcm,
      wanted: `one chip labelled ${BCM_LABELS.join(", ")} for BCM number ${address.bcm}`,
    };
  }
  if ("chip" in address) {
    return {
      fits: ({ name, label }) => name === address.chip || label === address.chip,
      offset: () => address.offset,
      wanted: `one chip with the name or label ${JSON.stringify(address.chip)}`,
    };
  }
  return {
    fits: ({ base, lines }) => base !== undefined && address.sysfs >= base && address.sysfs < base + lines,
    offset: ({ base = 0 }) => address.sysfs - base,
    wanted: `one chip with the sysfs number ${address.sysfs}`,
  };
}

const notFound = (message: string, chips: readonly GpioChip[]): HarnessError =>
  new HarnessError("GPIO_NOT_FOUND", message, { details: { chips } });

/** Chips as people compare them with a rig file. */
export function tellChips(chips: readonly GpioChip[]): string {
  if (chips.length === 0) return "no GPIO chip";
  return chips
    .map(({ name, label, lines, base }) => `${name} ${JSON.stringify(label)} (${numbers(lines, base)})`)
    .join(", ");
}

const numbers = (lines: number, base: number | undefined): string =>
  base === undefined ? `${lines} lines` : `base ${base}, ${lines} lines`;

/**
 * Whether a chip's outputs keep their levels once nobody uses them: the kernel's `persist_gpio_outputs`, which is Y on
 * Raspberry Pi OS and N elsewhere. `undefined`: the kernel does not say.
 *
 * @param modules the kernel's folder of its parts and their settings.
 */
export function persistsOutputs(label: string, modules = "/sys/module"): boolean | undefined {
  if (!BCM_LABELS.includes(label)) return undefined;
  const driver = label === "pinctrl-rp1" ? "pinctrl_rp1" : "pinctrl_bcm2835";
  const setting = textOf(join(modules, driver, "parameters", "persist_gpio_outputs"));
  return setting === "" ? undefined : /^[Yy1]/.test(setting);
}
