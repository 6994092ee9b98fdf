import { realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { HarnessError } from "../../harness/base/errors.js";
import { GpioDevice, gpioDevices } from "../../harness/native/gpio.js";
import {
  findLine,
  type GpioAddress,
  type GpioChip,
  type GpioPlace,
  persistsOutputs,
  SYSFS_GPIO,
  sysfsChips,
} from "./gpio-chips.js";
import type { GpioDriver, GpioPin } from "./gpio-pin.js";
import { gpioError, gpioUnavailable } from "./gpio-trouble.js";

const DEVICES = "/dev";

interface DeviceChip extends GpioChip {
  readonly path: string;
}

/**
 * Lines by the kernel's GPIO character device: taken for this process alone, and let go with it. One request a line:
 * each opens at a moment and at a level of its own, and one that is held is told by its name. A line is taken as it is
 * and made an output within the same request, since a line that is let go in between may fall.
 *
 * @param rig its name, for whoever wonders who holds a line.
 */
export function chardevDriver(rig: string): GpioDriver<GpioPlace<DeviceChip>> {
  let chips: readonly DeviceChip[] | undefined;
  return {
    find(address, what) {
      if ("sysfs" in address) throw countsOtherwise(address.sysfs, what);
      chips ??= deviceChips(what);
      const place = findLine(resolved(address), chips, what);
      using device = opened(place.chip.path, what);
      const { used, consumer } = device.lineInfo(place.offset);
      if (used) throw taken(place, consumer, what, device.holder(place.offset));
      return place;
    },
    take: async ({ chip, offset }, what) => new DevicePin(opened(chip.path, what), offset, `st67-hil ${rig}`),
    cannotHold: (places) => cannotHold(places.map(({ chip }) => chip)),
  };
}

class DevicePin implements GpioPin {
  readonly #device: GpioDevice;
  readonly #offset: number;
  readonly #line;

  constructor(device: GpioDevice, offset: number, consumer: string) {
    this.#device = device;
    this.#offset = offset;
    try {
      this.#line = device.take(offset, consumer);
    } catch (error) {
      device[Symbol.dispose]();
      throw error;
    }
  }

  state() {
    return { output: this.#device.lineInfo(this.#offset).output, high: this.#line.get() };
  }

  makeOutput(high: boolean): void {
    this.#line.makeOutput(high);
  }

  makeInput(): void {
    this.#line.makeInput();
  }

  set(high: boolean): void {
    this.#line.set(high);
  }

  [Symbol.dispose](): void {
    this.#line[Symbol.dispose]();
    this.#device[Symbol.dispose]();
  }
}

/** A line that onoff has used stays exported, which the kernel tells as a user of that name. */
function taken({ chip, offset }: GpioPlace<DeviceChip>, consumer: string, what: string, holder: string): HarnessError {
  const message = `${what}: ${chip.path} line ${offset}: held by ${holder}`;
  if (consumer !== "sysfs") return gpioUnavailable(message);
  const exported = sysfsChips().find(({ label }) => label === chip.label);
  const number = exported === undefined ? "NUMBER" : exported.base + offset;
  return gpioUnavailable(message, {
    advice:
      "The line is exported to files, as the line driver onoff leaves it: use onoff, or let go of it with " +
      `\`echo ${number} | sudo tee ${SYSFS_GPIO}/unexport\`, which may make it an input.`,
  });
}

/** Who holds a line, for people; `undefined` where that cannot be asked. @param label of a chip. */
export function holderOf(label: string, offset: number): string | undefined {
  try {
    const [chip, ...others] = deviceChips("").filter((each) => each.label === label);
    if (chip === undefined || others.length > 0) return undefined;
    using device = new GpioDevice(chip.path);
    return device.holder(offset);
  } catch {
    return undefined;
  }
}

function deviceChips(what: string): DeviceChip[] {
  return gpioDevices(DEVICES).map((path) => {
    using device = opened(path, what);
    return device.info();
  });
}

function opened(path: string, what: string): GpioDevice {
  try {
    return new GpioDevice(path);
  } catch (cause) {
    throw gpioError(what, path, cause, () => "another program");
  }
}

/** A device may be a link to another: on a Raspberry Pi 5 `gpiochip4` is one, for programs that were written early. */
function resolved(address: GpioAddress): GpioAddress {
  if (!("chip" in address) || !/^gpiochip\d+$/.test(address.chip)) return address;
  try {
    return { ...address, chip: basename(realpathSync(join(DEVICES, address.chip))) };
  } catch {
    return address;
  }
}

function countsOtherwise(sysfs: number, what: string): HarnessError {
  return new HarnessError("RIG_INVALID", `${what}: expected { bcm } or { chip, offset }; found { sysfs: ${sysfs} }`, {
    advice: "The character device does not count as sysfs does: name the BCM number, or chip and offset.",
  });
}

function cannotHold(chips: readonly GpioChip[]): string | undefined {
  const fate = chips.map(({ label }) => persistsOutputs(label));
  if (fate.every((persists) => persists === true)) return undefined;
  return fate.includes(false)
    ? "the kernel makes the lines inputs when their process ends (persist_gpio_outputs is N)"
    : "the kernel lets go of the lines when their process ends, and their chip decides what becomes of the levels";
}
