import { Cleanup } from "../../harness/base/cleanup.js";
import { HarnessError } from "../../harness/base/errors.js";
import type { SpiPort } from "../../harness/base/spi.js";
import type { Deadline } from "../../harness/base/time.js";
import type { Line, ReadyInput, Straps } from "../../harness/base/wire.js";
import type { LinesConfig } from "../file/schema.js";
import { CS_TAKEN } from "../spi/trouble.js";
import { chardevDriver } from "./chardev.js";
import { type GpioAddress, type GpioPlace, tellChips } from "./gpio-chips.js";
import type { GpioDriver, GpioPin } from "./gpio-pin.js";
import { onoffDriver } from "./onoff.js";

/** A pin follows in microseconds, one with a capacitor on it in a millisecond; what is not there by then is held. */
const SETTLE_MS = 100;
const SETTLE_STEP_MS = 1;

type Field = Line | "ready" | "cs";

/** A line of the rig file and where it was found. */
interface Found<P extends GpioPlace> {
  readonly field: Field;
  readonly place: P;
  readonly activeHigh: boolean;
  /** For messages: the rig, the field, the chip and the line. */
  readonly what: string;
}

interface Opened {
  readonly pin: GpioPin;
  readonly activeHigh: boolean;
  readonly what: string;
}

/** A rig's lines on GPIOs of this machine; disposing them moves none, as far as the kernel can hold them. */
export interface GpioStraps extends Straps {
  readonly ready: ReadyInput | undefined;
  /** Drives CS; none without `spi.cs`. */
  readonly select: SpiPort["select"] | undefined;
  readonly cannotHold: string | undefined;
}

/**
 * Opens the lines of a rig whose line driver is onoff or chardev. All are found first, then all are taken as they are,
 * and only then does one become an output: at the level that it already drives, else at that of the rig's safe state. CS
 * begins low, whatever it was: nobody is in the middle of a transfer by now.
 *
 * @param tell hears what a person should know: that a raw sysfs number was believed.
 * @throws HarnessError RIG_INVALID; GPIO_NOT_FOUND; GPIO_UNAVAILABLE; DRIVER_MISSING; LINES_NOT_DRIVEN when a line does
 * not get where it is driven; the deadline's error.
 */
export function openGpioStraps(
  config: LinesConfig,
  deadline: Deadline,
  tell: (text: string) => void = () => undefined,
): Promise<GpioStraps> {
  switch (config.straps.driver) {
    case "onoff":
      return open(config, onoffDriver(), deadline, tell);
    case "chardev":
      return open(config, chardevDriver(config.name), deadline, tell);
    default:
      throw new HarnessError("RIG_INVALID", `${config.name}: straps.driver: expected onoff or chardev`);
  }
}

async function open<P extends GpioPlace>(
  config: LinesConfig,
  driver: GpioDriver<P>,
  deadline: Deadline,
  tell: (text: string) => void,
): Promise<GpioStraps> {
  const found = await findAll(config, driver, tell);
  const lines = new Map<Field, Opened>();
  await using undo = new Cleanup();
  for (const { field, place, what, activeHigh } of found) {
    const pin = await taken(field, () => driver.take(place, what, deadline));
    undo.defer(async () => pin[Symbol.dispose]());
    lines.set(field, { pin, what, activeHigh });
  }
  const ready = lines.get("ready");
  if (ready !== undefined) openInput(ready);
  const cs = lines.get("cs");
  if (cs !== undefined) await makeOutput(cs, !cs.activeHigh, deadline);
  for (const line of openingOrder(config)) {
    const opened = lines.get(line);
    if (opened !== undefined) await openOutput(opened, safeLevel(config, line), deadline);
  }
  const opened = undo.move();
  return {
    set: (line, asserted, deadline) => setLine(config.name, lines.get(line), line, asserted, deadline),
    select: cs && ((selected, deadline) => drive(cs, selected, deadline)),
    ready: ready && { read: async () => ready.pin.state().high === ready.activeHigh },
    cannotHold: driver.cannotHold(found.map(({ place }) => place)),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

async function findAll<P extends GpioPlace>(
  { name, straps, spi }: LinesConfig,
  driver: GpioDriver<P>,
  tell: (text: string) => void,
): Promise<Found<P>[]> {
  const found: Found<P>[] = [];
  for (const field of ["ready", "boot", "chipEn", "power", "cs"] as const) {
    const line = field === "cs" ? spi?.cs : straps[field];
    if (line === undefined) continue;
    const label = `${name}: ${nameOf(field)}`;
    const place = await taken(field, async () => driver.find(addressOf(line, label), label));
    const where = `line ${place.offset} of ${tellChips([place.chip])}`;
    const same = found.find(({ place: { chip, offset } }) => chip.name === place.chip.name && offset === place.offset);
    if (same !== undefined) {
      throw new HarnessError(
        "RIG_INVALID",
        `${label}: expected a line that ${nameOf(same.field)} leaves; found ${where}`,
      );
    }
    if ("sysfs" in line)
      tell(`${label}: sysfs number ${line.sysfs} is ${where} on this kernel, and may be another's on the next`);
    found.push({ field, place, activeHigh: line.active === "high", what: `${label}: ${where}` });
  }
  return found;
}

const nameOf = (field: Field): string => (field === "cs" ? "spi.cs" : `straps.${field}`);

/** The kernel's SPI takes the pins of its own chip selects, unless an overlay leaves them. */
async function taken<T>(field: Field, take: () => Promise<T>): Promise<T> {
  try {
    return await take();
  } catch (cause) {
    const held = cause instanceof HarnessError && / held by ("spi|another program)/.test(cause.message);
    if (field !== "cs" || !held) throw cause;
    const advice = `${CS_TAKEN} Or choose another line for spi.cs.`;
    throw new HarnessError("GPIO_UNAVAILABLE", cause.message, { cause, advice });
  }
}

function addressOf(line: NonNullable<LinesConfig["straps"]["boot"]>, label: string): GpioAddress {
  if (!("line" in line)) return line;
  throw new HarnessError("RIG_INVALID", `${label}: expected { bcm }, { chip, offset } or { sysfs }; found { line }`);
}

/** A module that ends disabled is disabled first; one that ends enabled last: BOOT is sampled as CHIP_EN rises. */
function openingOrder({ safeState }: LinesConfig): readonly Line[] {
  return safeState.chipEn === "asserted" ? ["boot", "power", "chipEn"] : ["chipEn", "boot", "power"];
}

function safeLevel({ safeState }: LinesConfig, line: Line): boolean {
  return line === "power" ? safeState.power === "on" : safeState[line] === "asserted";
}

async function openOutput(opened: Opened, assertedWhenSafe: boolean, deadline: Deadline): Promise<void> {
  const { output, high } = opened.pin.state();
  await makeOutput(opened, output ? high : assertedWhenSafe === opened.activeHigh, deadline);
}

async function makeOutput({ pin, what }: Opened, level: boolean, deadline: Deadline): Promise<void> {
  pin.makeOutput(level);
  await settle(pin, level, what, deadline);
}

/** What the module drives must have no second driver. */
function openInput({ pin, what }: Opened): void {
  if (pin.state().output) {
    throw new HarnessError("GPIO_UNAVAILABLE", `${what}: expected an input; found an output, which is driven`, {
      advice: "Correct straps.ready in the rig file, or make that line an input: end what drives it.",
    });
  }
  pin.makeInput();
}

async function setLine(
  name: string,
  opened: Opened | undefined,
  line: Line,
  asserted: boolean,
  deadline: Deadline,
): Promise<void> {
  if (opened === undefined) {
    deadline.signal.throwIfAborted();
    if (asserted) return;
    throw new HarnessError("LINES_NOT_DRIVEN", `${name}: expected straps.${line}, to switch off; this rig has none`);
  }
  await drive(opened, asserted, deadline);
}

async function drive({ pin, what, activeHigh }: Opened, asserted: boolean, deadline: Deadline): Promise<void> {
  deadline.signal.throwIfAborted();
  const level = asserted === activeHigh;
  pin.set(level);
  await settle(pin, level, what, deadline);
}

/** Reads a line back until it is where it was driven: onoff keeps to itself what goes wrong on an exported line. */
async function settle(pin: GpioPin, high: boolean, what: string, deadline: Deadline): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += SETTLE_STEP_MS) {
    const state = pin.state();
    if (state.output && state.high === high) return;
    if (waitedMs >= SETTLE_MS) {
      const found = state.output ? `an output that is ${level(state.high)}` : "an input";
      throw new HarnessError("LINES_NOT_DRIVEN", `${what}: expected an output that is ${level(high)}; found ${found}`, {
        advice: "See what else uses this line or pulls at its pin: another program, an overlay, a short circuit.",
      });
    }
    await deadline.sleep(SETTLE_STEP_MS);
  }
}

const level = (high: boolean): string => (high ? "high" : "low");
