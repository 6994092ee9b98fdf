import type { GpioChip } from "../../rigs/lines/gpio-chips.js";

/** What each of them is. */
const DRIVER_MEANINGS = {
  onoff: "GPIO lines of this machine, by sysfs (needs /sys/class/gpio)",
  chardev: "GPIO lines of this machine, by the character device /dev/gpiochipN",
  modem: "RTS and DTR of the serial port's adapter",
  manual: "you, with buttons or wires, when you are told to",
  none: "nobody here: somebody else sees to the lines",
  socket: "a module that `st67-hil sim` simulates",
  sim: "a module that is simulated in the same process: no port, no wires",
} as const;
type Driver = keyof typeof DRIVER_MEANINGS;
export const DRIVERS = Object.keys(DRIVER_MEANINGS) as Driver[];

/** A line of a new rig file. */
export type NewLine =
  | { readonly bcm: number }
  | { readonly chip: string; readonly offset: number }
  | { readonly line: "rts" | "dtr"; readonly active: "high" | "low" };

/** The device of the module's host interface, and the line that selects the module. */
export interface NewSpi {
  readonly path: string;
  readonly cs: NewLine;
}

/** What a person said of a rig. */
export interface NewRig {
  readonly name: string;
  readonly driver: Driver;
  readonly port: string | undefined;
  /** Of the simulated module's lines. */
  readonly socket: string | undefined;
  readonly boot: NewLine | undefined;
  readonly chipEn: NewLine | undefined;
  readonly power: NewLine | undefined;
  readonly ready: NewLine | undefined;
  readonly spi: NewSpi | undefined;
}

export interface Question {
  /** Its option, without the dashes. */
  readonly option: string;
  readonly text: string;
  /** What an empty answer means. */
  readonly proposal?: string;
  /** The proposal is a default, also where nobody can be asked. */
  readonly optional?: true;
  /** What is wrong with an answer. */
  readonly mistake: (answer: string) => string | undefined;
}

/** What this machine has. */
export interface Surroundings {
  readonly ports: readonly string[];
  readonly chips: readonly GpioChip[];
  /** Its SPI devices. */
  readonly spis?: readonly string[];
}

export type Ask = (question: Question) => Promise<string>;

/** Numbers of a Raspberry Pi's header that carry nothing else by themselves. */
const USUAL = { boot: 17, chipEn: 27, cs: 8 };
const LAST_BCM = 53;
const LAST_OFFSET = 0xffff;

export async function askRig(ask: Ask, { ports, chips, spis = [] }: Surroundings): Promise<NewRig> {
  const name = await ask({ option: "name", text: "Name of the rig", proposal: "bench-1", mistake: nameMistake });
  const driver = await choose(ask, {
    option: "driver",
    text: `Who drives BOOT and CHIP_EN:\n${DRIVERS.map(explained).join("\n")}\nOne of these`,
    proposal: chips.length > 0 ? "onoff" : "manual",
    choices: DRIVERS,
  });
  const rig = { name, driver, port: undefined, socket: undefined, ...NO_LINES };
  if (driver === undefined || driver === "sim") return { ...rig, driver: driver ?? "sim" };
  const [first] = ports;
  const port = await ask({
    option: "port",
    text: `Serial port${ports.length === 0 ? "" : ` (found: ${ports.join(", ")})`}`,
    ...(first !== undefined && { proposal: first }),
    mistake: (answer) => (answer === "" ? "expected the path of a serial port" : undefined),
  });
  switch (driver) {
    case "onoff":
    case "chardev":
      return { ...rig, driver, port, ...(await askGpio(ask, chips, spis)) };
    case "modem":
      return { ...rig, driver, port, ...(await askModem(ask)) };
    case "socket": {
      const mistake = (answer: string) => (answer === "" ? "expected the path of a socket" : undefined);
      const text = "Control socket of the simulated module (st67-hil sim --control)";
      return { ...rig, driver, port, socket: await ask({ option: "socket", text, mistake }) };
    }
    default:
      return { ...rig, driver, port };
  }
}

const explained = (driver: Driver): string => `  ${driver.padEnd(8)} ${DRIVER_MEANINGS[driver]}`;

const NO_LINES = { boot: undefined, chipEn: undefined, power: undefined, ready: undefined, spi: undefined };

async function askGpio(
  ask: Ask,
  chips: readonly GpioChip[],
  spis: readonly string[],
): Promise<Pick<NewRig, keyof typeof NO_LINES>> {
  const labels = chips.map(({ label }) => label);
  const chip = await ask({
    option: "chip",
    text: `Label of the GPIO chip${labels.length === 0 ? "" : ` (found: ${labels.join(", ")})`}; Enter for the Raspberry Pi's own`,
    proposal: "",
    optional: true,
    mistake: () => undefined,
  });
  const taken = new Map<string, string>();
  const last = chip === "" ? LAST_BCM : LAST_OFFSET;
  const line = async (option: string, text: string, more: Pick<Question, "proposal" | "optional">) => {
    const number = chip === "" ? "BCM number" : `Line of ${chip}`;
    const mistake = (answer: string) => lineMistake(answer, last, more.optional === true, taken);
    const answer = await ask({ option, text: `${number} ${text}`, ...more, mistake });
    if (answer === "") return undefined;
    taken.set(String(Number(answer)), option);
    return chip === "" ? { bcm: Number(answer) } : { chip, offset: Number(answer) };
  };
  const lines = {
    boot: await line("boot-bcm", "that drives BOOT", { proposal: `${USUAL.boot}` }),
    chipEn: await line("chip-en-bcm", "that drives CHIP_EN", { proposal: `${USUAL.chipEn}` }),
    power: await line("power-bcm", "that switches the module's supply; Enter if there is no such switch", {
      proposal: "",
      optional: true,
    }),
    ready: await line("ready-bcm", "that reads SPI_RDY; Enter if it is not connected", {
      proposal: "",
      optional: true,
    }),
  };
  if (lines.ready === undefined) return { ...lines, spi: undefined };
  const path = await ask({
    option: "spi",
    text: `SPI device to the module${spis.length === 0 ? "" : ` (found: ${spis.join(", ")})`}; Enter if it is not connected`,
    ...{ proposal: "", optional: true, mistake: () => undefined },
  });
  if (path === "") return { ...lines, spi: undefined };
  const cs = await line("cs-bcm", "that selects the module (CS)", { proposal: `${USUAL.cs}` });
  return { ...lines, spi: cs && { path, cs } };
}

async function askModem(ask: Ask): Promise<Pick<NewRig, "boot" | "chipEn">> {
  const boot = await choose(ask, {
    ...{ option: "boot-line", text: "Output of the port that drives BOOT (rts, dtr); CHIP_EN gets the other" },
    ...{ proposal: "rts", optional: true as const, choices: ["rts", "dtr"] as const },
  });
  const active = await choose(ask, {
    ...{
      option: "modem-active",
      text: "Level of the port's pin that asserts a line (low: a transistor between, high)",
    },
    ...{ proposal: "low", optional: true as const, choices: ["low", "high"] as const },
  });
  if (boot === undefined || active === undefined) return { boot: undefined, chipEn: undefined };
  return { boot: { line: boot, active }, chipEn: { line: boot === "rts" ? "dtr" : "rts", active } };
}

/** `undefined`: nothing was answered, which the one who asks has noted. */
async function choose<T extends string>(
  ask: Ask,
  { choices, ...question }: Omit<Question, "mistake"> & { readonly choices: readonly T[] },
): Promise<T | undefined> {
  const fits = (answer: string) => choices.find((choice) => choice === answer);
  const mistake = (answer: string) => (fits(answer) ? undefined : `expected one of ${choices.join(", ")}`);
  return fits(await ask({ ...question, mistake }));
}

const nameMistake = (answer: string): string | undefined =>
  /^[^\p{Cc}\p{Cs}/\\]+$/u.test(answer) ? undefined : "expected a name on one line, without slashes";

function lineMistake(answer: string, last: number, optional: boolean, taken: Map<string, string>): string | undefined {
  if (answer === "" && optional) return undefined;
  if (!/^\d{1,5}$/.test(answer) || Number(answer) > last) return `expected a whole number from 0 to ${last}`;
  const other = taken.get(String(Number(answer)));
  return other === undefined ? undefined : `--${other} has that line already`;
}
