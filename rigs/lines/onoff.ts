import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Gpio } from "onoff";
import { HarnessError } from "../../harness/base/errors.js";
import type { Deadline } from "../../harness/base/time.js";
import { messageOf } from "../serial/port-trouble.js";
import { holderOf } from "./chardev.js";
import { findLine, type GpioChip, type GpioPlace, SYSFS_GPIO, sysfsChips } from "./gpio-chips.js";
import type { GpioDriver, GpioPin, PinState } from "./gpio-pin.js";
import { gpioError, gpioUnavailable, noAccess } from "./gpio-trouble.js";

/** udev hands an exported line to the group gpio: in tenths of a second, longer on a machine that has just started. */
const ACCESS_MS = 2000;
const ACCESS_STEP_MS = 5;
const FILES = ["direction", "value", "active_low"];

type SysfsChip = GpioChip & { readonly base: number };
type MakeGpio = typeof Gpio;

/**
 * Lines by the package onoff, which uses the kernel's GPIO files. They stay exported, and so keep their levels, after
 * the process; until somebody unexports them: then a kernel with persist_gpio_outputs = N makes them inputs. Nobody
 * owns an exported line: the rig's lock keeps others away, and whatever else moves it is seen when it is read back.
 */
export function onoffDriver(): GpioDriver<GpioPlace<SysfsChip>> {
  let chips: readonly SysfsChip[] | undefined;
  return {
    find(address, what) {
      chips ??= sysfsChips();
      if (chips.length === 0 && !existsSync(join(SYSFS_GPIO, "export"))) {
        throw gpioError(what, SYSFS_GPIO, Object.assign(new Error(), { code: "ENOENT" }), () => "");
      }
      return findLine(address, chips, what);
    },
    async take({ chip, offset }, what, deadline) {
      const make = await loadOnoff();
      const number = chip.base + offset;
      await exportLine(number, what, () => holderOf(chip.label, offset) ?? "another program", deadline);
      return new OnoffPin(make, number, what);
    },
    cannotHold: () => undefined,
  };
}

/** Loads native code: only when a line is opened. */
async function loadOnoff(): Promise<MakeGpio> {
  try {
    const { Gpio } = await import("onoff");
    return Gpio;
  } catch (cause) {
    throw new HarnessError("DRIVER_MISSING", `the package onoff cannot be loaded: ${messageOf(cause).split("\n")[0]}`, {
      cause,
      advice:
        "Install build-essential and python3, then run `npm install onoff && npm rebuild epoll`; or use the line driver chardev.",
    });
  }
}

const fileOf = (number: number, name: string): string => join(SYSFS_GPIO, `gpio${number}`, name);

/**
 * Makes the files of a line, where they are not there yet, and waits until this user may use them. onoff does both in
 * a loop that stops the process for more than a second. No line moves.
 */
async function exportLine(number: number, what: string, holder: () => string, deadline: Deadline): Promise<void> {
  const there = () => existsSync(fileOf(number, ""));
  if (!there()) {
    const file = join(SYSFS_GPIO, "export");
    try {
      writeFileSync(file, String(number));
    } catch (cause) {
      if (!there()) throw gpioError(what, file, cause, holder);
    }
  }
  const { clock } = deadline;
  const end = clock.now() + ACCESS_MS;
  for (let wrong = unusable(number); wrong !== undefined; wrong = unusable(number)) {
    if (clock.now() >= end) throw wrong.missing ? neverCame(what, wrong.path) : noAccess(what, wrong.path, wrong.cause);
    await deadline.sleep(ACCESS_STEP_MS);
  }
}

function unusable(number: number): { path: string; missing: boolean; cause: unknown } | undefined {
  for (const path of FILES.map((name) => fileOf(number, name))) {
    try {
      accessSync(path, constants.R_OK | constants.W_OK);
    } catch (cause) {
      return { path, missing: !existsSync(path), cause };
    }
  }
  return undefined;
}

const neverCame = (what: string, path: string): HarnessError =>
  gpioUnavailable(`${what}: was exported, but ${path} did not come in ${ACCESS_MS} ms`);

/**
 * The package's object of each line, for the life of the process: it has no end but one that unexports the line, and
 * each new one holds another file open.
 */
const objects = new Map<number, Gpio>();

class OnoffPin implements GpioPin {
  readonly #make: MakeGpio;
  readonly #number: number;
  readonly #what: string;
  /** From when it was given a direction on. */
  #gpio: Gpio | undefined;

  constructor(make: MakeGpio, number: number, what: string) {
    this.#make = make;
    this.#number = number;
    this.#what = what;
    this.#tried(() => {
      if (this.#read("active_low") !== "0") writeFileSync(fileOf(number, "active_low"), "0");
    });
  }

  state(): PinState {
    return this.#tried(() => {
      const high = this.#gpio === undefined ? this.#read("value") === "1" : this.#gpio.readSync() === 1;
      return { output: this.#read("direction") === "out", high };
    });
  }

  /** Not "out": that drives the line low for a moment. */
  makeOutput(high: boolean): void {
    this.#configure(high ? "high" : "low");
  }

  makeInput(): void {
    this.#configure("in");
  }

  /** A line that somebody has made an input refuses a level; what it is now is seen when it is read back. */
  set(high: boolean): void {
    this.#tried(() => {
      try {
        this.#gpio?.writeSync(high ? 1 : 0);
      } catch (error) {
        if (this.state().output) throw error;
      }
    });
  }

  /** The line stays exported: unexporting may make it an input. */
  [Symbol.dispose](): void {}

  #configure(direction: "high" | "low" | "in"): void {
    this.#tried(() => {
      const known = objects.get(this.#number);
      if (known !== undefined && stillThere(known)) {
        known.setDirection(direction);
        this.#gpio = known;
        return;
      }
      this.#gpio = new this.#make(this.#number, direction);
      objects.set(this.#number, this.#gpio);
    });
  }

  #read(name: string): string {
    return readFileSync(fileOf(this.#number, name), "utf8").trim();
  }

  #tried<T>(act: () => T): T {
    try {
      return act();
    } catch (cause) {
      throw gpioError(this.#what, fileOf(this.#number, ""), cause, () => "another program");
    }
  }
}

/** A line that was unexported since has new files. */
function stillThere(known: Gpio): boolean {
  try {
    known.readSync();
    return true;
  } catch {
    return false;
  }
}
