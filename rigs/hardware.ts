import { Cleanup } from "../harness/base/cleanup.js";
import { HarnessError } from "../harness/base/errors.js";
import type { Clock, Deadline } from "../harness/base/time.js";
import type { Bay, Rig, Straps } from "../harness/base/wire.js";
import type { RigConfig } from "./file/schema.js";
import { type GpioStraps, openGpioStraps } from "./lines/gpio.js";
import { ManualStraps } from "./lines/manual.js";
import { heldInReset, type ModemLine, ModemStraps, type ModemWiring } from "./lines/modem.js";
import { makeSafe } from "./lines/safe.js";
import { openSocketStraps } from "./lines/socket.js";
import { type Terminal, terminalOf } from "./lines/terminal.js";
import { rigOf } from "./rig.js";
import type { MakePort } from "./serial/port.js";
import { checkPort } from "./serial/port-trouble.js";
import { type ModemFlags, openSerial, type SerialWire } from "./serial/serial.js";
import { openSpi } from "./spi/open.js";
import type { SpidevReach } from "./spi/spidev.js";

/** What hardware is reached through; a test brings its own. */
export interface Reach {
  readonly makePort?: MakePort;
  readonly terminal?: Terminal;
  readonly spi?: SpidevReach;
}

/** Lines that are ours until they are disposed. */
interface Connected extends Pick<Rig, "cannotHold"> {
  readonly straps: Straps;
  readonly ready?: Rig["ready"];
  /** Drives CS. */
  readonly select?: GpioStraps["select"];
}

/** One way to the lines of a module whose UART is a port of ours. */
interface Lines {
  /** Refuses what is known not to work before the port is touched. */
  check?(): void;
  /** What the port is opened with, where the lines are the port's own. */
  readonly flags?: ModemFlags;
  connect?(wire: SerialWire, deadline: Deadline): Connected | Promise<Connected>;
  /** Whether they include a power switch. */
  readonly switchesPower: boolean;
  makeSafe?(straps: Straps, spi: Rig["spi"]): Promise<void>;
}

/**
 * The serial driver `port` with every line driver but `sim`. Drivers that do not go together are refused when a rig is
 * opened: DRIVER_MISSING.
 *
 * @param reach what hardware is reached through: this machine's ports, and its terminal.
 */
export function hardwareBay(config: RigConfig, clock: Clock, reach: Reach = {}): Bay {
  const { name, labels, serial } = config;
  const lines = serial.driver === "port" ? linesOf(config, clock, reach.terminal ?? terminalOf()) : undefined;
  return {
    name,
    labels,
    simulated: false,
    open: (deadline) => (lines === undefined ? mismatched(config) : openRig(config, clock, lines, deadline, reach)),
  };
}

async function mismatched({ name, straps, serial }: RigConfig): Promise<never> {
  const found = `the line driver ${straps.driver} with the serial driver ${serial.driver}`;
  throw new HarnessError(
    "DRIVER_MISSING",
    `${name}: expected sim with sim, or another line driver with port; found ${found}`,
    {
      details: { straps: straps.driver, serial: serial.driver },
    },
  );
}

async function openRig(
  config: RigConfig,
  clock: Clock,
  lines: Lines,
  deadline: Deadline,
  { makePort, spi: spiReach }: Reach,
): Promise<Rig> {
  deadline.signal.throwIfAborted();
  const { path, bootBaud } = config.serial;
  if (path === undefined) {
    throw new HarnessError("RIG_INVALID", `${config.name}: serial.path: expected path of a serial port; found none`);
  }
  lines.check?.();
  checkPort(path);
  await using undo = new Cleanup();
  const settings = { path, baud: bootBaud, ...(lines.flags !== undefined && { flags: lines.flags }) };
  const wire = undo.use(await openSerial(settings, deadline, makePort));
  const { straps, ready, select, cannotHold } = (await lines.connect?.(wire, deadline)) ?? {};
  if (straps !== undefined) undo.use(straps);
  const host = await openSpi(config, select, deadline, spiReach);
  if (host !== undefined) undo.use(host);
  const safe = async () => straps && lines.makeSafe?.(straps, host?.spi);
  const { switchesPower } = lines;
  const opened = { clock, wire, straps, ready: ready ?? host?.ready, switchesPower, cannotHold };
  return rigOf(
    config,
    { ...opened, ...(host !== undefined && { spi: host.spi }) },
    undo.move(),
    safe,
    wire.holdTx.bind(wire),
  );
}

function linesOf(config: RigConfig, clock: Clock, terminal: Terminal): Lines | undefined {
  switch (config.straps.driver) {
    case "none":
      return { switchesPower: false };
    case "modem":
      return modemLines(config, clock);
    case "manual":
      return manualLines(config, terminal);
    case "socket":
      return socketLines(config, clock);
    case "onoff":
    case "chardev":
      return gpioLines(config, clock, terminal);
    default:
      return undefined;
  }
}

function modemLines(config: RigConfig, clock: Clock): Lines {
  const wiring: ModemWiring = { boot: modemLine(config, "boot"), chipEn: modemLine(config, "chipEn") };
  return {
    flags: heldInReset(wiring),
    connect: (wire) => ({
      straps: new ModemStraps(wire, wiring),
      cannotHold: "the kernel drops DTR and RTS when the port closes",
    }),
    switchesPower: false,
    makeSafe: (straps) => makeSafe(straps, config, clock),
  };
}

function modemLine({ name, straps }: RigConfig, which: "boot" | "chipEn"): ModemLine {
  const line = straps[which];
  if (line !== undefined && "line" in line) return line;
  throw new HarnessError("RIG_INVALID", `${name}: straps.${which}: expected { line: rts } or { line: dtr }`);
}

/** The lines of a simulated module in another process, which holds them. */
function socketLines(config: RigConfig, clock: Clock): Lines {
  const { path } = config.straps;
  if (path === undefined) {
    throw new HarnessError("RIG_INVALID", `${config.name}: straps.path: expected path of a socket; found none`);
  }
  return {
    connect: async (_, deadline) => ({ straps: await openSocketStraps(path, deadline), cannotHold: undefined }),
    switchesPower: true,
    makeSafe: (straps, spi) => makeSafe(straps, config, clock, spi),
  };
}

/**
 * Lines of the character device stay taken from the first opening until the process ends: between two rigs of a bay the
 * kernel might let them float. Files in sysfs stay as they are by themselves.
 */
function kept(open: (deadline: Deadline) => Promise<GpioStraps>): typeof open {
  let opened: GpioStraps | undefined;
  return async (deadline) => {
    opened ??= await open(deadline);
    const { ready, select, cannotHold } = opened;
    return { set: opened.set.bind(opened), ready, select, cannotHold, [Symbol.asyncDispose]: async () => undefined };
  };
}

/** GPIOs of this machine. What is to be said of them is said once for all rigs of a bay. */
function gpioLines(config: RigConfig, clock: Clock, terminal: Terminal): Lines {
  const told = new Set<string>();
  const tell = (text: string) => {
    if (!told.has(text)) terminal.tell(text);
    told.add(text);
  };
  const open = (deadline: Deadline) => openGpioStraps(config, deadline, tell);
  const connect = config.straps.driver === "chardev" ? kept(open) : open;
  return {
    connect: async (_, deadline) => {
      const straps = await connect(deadline);
      const { ready, select, cannotHold } = straps;
      return { straps, ready, select, cannotHold };
    },
    switchesPower: config.straps.power !== undefined,
    makeSafe: (straps, spi) => makeSafe(straps, config, clock, spi),
  };
}

/** At the end nobody is asked for anything: where the lines belong is told, once for all rigs of a bay. */
function manualLines({ name, timing, safeState, straps }: RigConfig, terminal: Terminal): Lines {
  let told = false;
  return {
    check: () => {
      if (terminal.isTTY) return;
      throw new HarnessError("TERMINAL_MISSING", `${name}: the line driver manual needs a person at a terminal`);
    },
    connect: () => ({ straps: new ManualStraps(name, timing, terminal), cannotHold: undefined }),
    switchesPower: straps.power !== undefined,
    makeSafe: async () => {
      const { boot, chipEn, power } = safeState;
      if (!told)
        terminal.tell(`${name}: the safe state is yours to set: BOOT ${boot}, CHIP_EN ${chipEn}, power ${power}`);
      told = true;
    },
  };
}
