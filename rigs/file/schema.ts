import { z } from "zod";
import { SimOptions } from "../../harness/sim/options.js";
import { type Need, sharedPins } from "./pins.js";
import { spiNeeds } from "./spi.js";

const whole = (first: number, last: number) => z.int().min(first).max(last);
const text = (what: string) => z.string({ error: what }).min(1, what);
const baud = whole(1, 0xffff_ffff);
/** No wait of a rig is longer than an hour. */
const ms = z.number().min(0).max(3_600_000);

const ACTIVE = z.enum(["high", "low"]).default("high");

/** One line of the host, and the level at which it asserts what the module sees. */
type LineConfig = { readonly active: "high" | "low" } & (
  | { readonly bcm: number }
  | { readonly chip: string; readonly offset: number }
  | { readonly sysfs: number }
  | { readonly line: "rts" | "dtr" }
);

/** One group of fields, not a union of four: a mistake then names its own field. */
const LineFields = z
  .strictObject({
    /** GPIO as the Raspberry Pi's documents count it. */
    bcm: whole(0, 53).optional(),
    /** Label or name (`gpiochip0`) of a GPIO chip. */
    chip: text("label or name of a GPIO chip").optional(),
    /** Line of `chip`. */
    offset: whole(0, 0xffff).optional(),
    /** GPIO as sysfs counts it: with the base of its chip. */
    sysfs: whole(0, 0xffff).optional(),
    /** Output of the serial port. */
    line: z.enum(["rts", "dtr"]).optional(),
    active: ACTIVE,
  })
  .transform(({ bcm, chip, offset, sysfs, line, active }, context): LineConfig => {
    const forms: LineConfig[] = [];
    if (bcm !== undefined) forms.push({ bcm, active });
    if (chip !== undefined && offset !== undefined) forms.push({ chip, offset, active });
    if (sysfs !== undefined) forms.push({ sysfs, active });
    if (line !== undefined) forms.push({ line, active });
    const [form] = forms;
    const half = (chip === undefined) !== (offset === undefined);
    if (form !== undefined && forms.length === 1 && !half) return form;
    const message = "exactly one of: bcm; chip with offset; sysfs; line";
    context.issues.push({ code: "custom", input: forms, message });
    return z.NEVER;
  });

const LineDriver = z.enum(["onoff", "chardev", "modem", "manual", "none", "socket", "sim"]);

const Straps = z.strictObject({
  driver: LineDriver,
  boot: LineFields.optional(),
  chipEn: LineFields.optional(),
  /** None: a rig without a power switch. */
  power: LineFields.optional(),
  /** Input, the module's SPI_RDY: the cheapest sign of a boot. */
  ready: LineFields.optional(),
  /** The control socket of a simulated module, with `socket`. */
  path: text("path of a socket").optional(),
});

const Serial = z.strictObject({
  driver: z.enum(["port", "sim"]).optional(),
  path: text("path of a serial port").optional(),
  /** The ROM measures the rate of the handshake. */
  bootBaud: baud.default(500_000),
  /** A number is binding; with `auto` a slower rate may be settled on. */
  loadBaud: z.union([baud, z.literal("auto")]).default(2_000_000),
  /**
   * So many bytes of flash are asked for at once. 2048 is what the vendor's tools ask for; sister chips answer with up to 16388.
   * Where a device answers with less, or refuses, so much less is asked for.
   */
  readBytes: whole(2048, 16_384).default(2048),
  /**
   * So many bytes of a file go with one command. 2048 is the vendor's, and proven; the most is what a BL616's ROM is inferred to
   * take, 4604 with an address. After any trouble on the line it is 2048. `power-cut` counts commands of 2048.
   */
  writeBytes: whole(2048, 4600).default(2048),
});

/** The module's host interface. SPI_RDY is `straps.ready`. */
const Spi = z.strictObject({
  driver: z.enum(["spidev", "sim", "socket"]),
  /** Device with a chip select that is free; with `socket`, that of `sim --spi`. */
  path: text("path of an SPI device, or of a socket").optional(),
  /** ST's own host runs at 40 MHz, over a board's traces; jumper wires are worse. */
  speedHz: whole(1, 40_000_000).default(10_000_000),
  /** High selects the module; held over several transfers, which the kernel's own chip select cannot. */
  cs: LineFields.optional(),
});

/** Milliseconds. The sequence and its 100 ms are the vendor loader's own. */
const Timing = z.strictObject({
  resetMs: ms.default(100),
  strapHoldMs: ms.default(100),
  powerOffMs: ms.default(500),
  bootMs: ms.default(4000),
  /**
   * The vendor's host releases BOOT first. When a ROM hears nobody has published: where it does not yet, it is greeted once
   * more when BOOT is released. 25 ms: so a session is open just as BOOT is released, and sooner would gain nothing.
   */
  greetMs: ms.default(25),
  /** The vendor's is 500: where a module needs that, it is found out, by asking for boot info. Sister loaders swallow 1 ms. */
  settleMs: ms.default(10),
  /** The vendor's is 110, of which the first 10. */
  rateSettleMs: ms.default(10),
});

/** `released`: not asserted. CHIP_EN asserted: the module is enabled. */
const SafeState = z.strictObject({
  boot: z.enum(["released", "asserted"]).default("released"),
  chipEn: z.enum(["released", "asserted"]).default("released"),
  power: z.enum(["on", "off"]).default("on"),
});
export type SafeState = z.infer<typeof SafeState>;

const chipId = z
  .string({ error: "12 hex digits" })
  .regex(/^[0-9a-fA-F]{12}$/, "12 hex digits")
  .toLowerCase();

/** What a rig has by its drivers: no label makes up for it. */
const CAPABILITIES: ReadonlySet<string> = new Set(["lines", "power", "ready", "spi", "sim", "faults"]);
const NO_LABEL = `a label other than ${[...CAPABILITIES].join(", ")}: those are what a rig has by its drivers`;

/** A rig file as written. What the drivers need beyond it: `driverNeeds`. */
export const RigFile = z
  .strictObject({
    name: z.string({ error: "text" }).regex(/^[^\p{Cc}/\\]+$/u, "a name on one line, without slashes"),
    labels: z.array(text("text that is not empty").refine((label) => !CAPABILITIES.has(label), NO_LABEL)).default([]),
    straps: Straps.prefault({} as z.input<typeof Straps>),
    serial: Serial.prefault({}),
    /** None: a rig without wires to it. */
    spi: Spi.optional(),
    timing: Timing.prefault({}),
    safeState: SafeState.prefault({}),
    /** What this rig can observe of a boot. */
    bootProof: z
      .array(z.enum(["banner", "ready", "at", "none"]))
      .min(1)
      .default(["banner"]),
    /** What is on the bench; none: any. */
    module: z.strictObject({ chipId }).optional(),
    /** Known-good firmware for the control experiment. */
    reference: z.strictObject({ profile: z.enum(["t01", "t02", "mfg"]), fwVersion: text("a version") }).optional(),
    /** `unlocked`: a signed image may go to a module that is not, or not known to be, locked. */
    allow: z.strictObject({ efuse: z.boolean().default(false), unlocked: z.boolean().default(false) }).prefault({}),
    /** Sector erases that a module may take from us. */
    wear: z.strictObject({ eraseBudget: whole(0, Number.MAX_SAFE_INTEGER).default(50_000) }).prefault({}),
    sim: SimOptions.optional(),
  })
  .transform(({ serial, sim, ...rig }) => {
    const driver = serial.driver ?? (rig.straps.driver === "sim" ? ("sim" as const) : ("port" as const));
    let simulated = sim;
    return {
      ...rig,
      serial: { ...serial, driver },
      /** Made for who asks: its schema takes longer than all else of a rig of hardware, of which nobody does. */
      get sim(): SimOptions {
        simulated ??= SimOptions.parse({}, { jitless: true });
        return simulated;
      },
    };
  });

/** A rig file that was read, with its defaults. */
export type RigConfig = Readonly<z.output<typeof RigFile>>;

/** What of it says how the lines are driven. */
export type LinesConfig = Pick<RigConfig, "name" | "straps" | "spi" | "safeState">;

/**
 * Fields that `value`, a rig file as written, lacks for the drivers that it names. Told apart from the schema, which
 * falls silent about the whole as soon as one field is wrong.
 */
export function driverNeeds(value: unknown): Need[] {
  const { straps, serial, spi, safeState, bootProof } = group(value);
  const { driver } = group(straps);
  const needs = sharedPins(group(straps), group(spi));
  if (driver === "modem") needs.push(...modemNeeds(group(straps), group(safeState)));
  if (driver === "onoff" || driver === "chardev") needs.push(...gpioNeeds(driver, group(straps), group(safeState)));
  const proves = (proof: string) => Array.isArray(bootProof) && bootProof.includes(proof);
  if (proves("ready") && group(spi)["driver"] !== "socket") needs.push(...readyNeeds(driver, group(straps)));
  if (proves("at") && spi === undefined) {
    needs.push({ path: ["spi"], expected: "the wires of the module's host interface, with bootProof at" });
  }
  if (spi !== undefined && known(driver)) needs.push(...spiNeeds(driver, group(spi), group(straps)));
  if (driver === "socket" && group(straps)["path"] === undefined) {
    needs.push({ path: ["straps", "path"], expected: "path of a socket, with the driver socket" });
  }
  const port = group(serial)["driver"] ?? (known(driver) && driver !== "sim" ? "port" : "sim");
  if (port === "port" && group(serial)["path"] === undefined) {
    needs.push({ path: ["serial", "path"], expected: "path of a serial port, with the driver port" });
  }
  return needs;
}

/** Only GPIOs are inputs; the simulated module's SPI_RDY is there without a wire. */
function readyNeeds(driver: unknown, straps: Record<string, unknown>): Need[] {
  if (driver === "sim" || !known(driver)) return [];
  if (driver !== "onoff" && driver !== "chardev")
    return [{ path: ["bootProof"], expected: `banner or none: the driver ${driver} reads no input` }];
  if (straps["ready"] !== undefined) return [];
  return [{ path: ["straps", "ready"], expected: "the line of SPI_RDY, with bootProof ready" }];
}

/** A port has two lines, and both are taken. */
function modemNeeds(straps: Record<string, unknown>, safeState: Record<string, unknown>): Need[] {
  const needs: Need[] = [];
  for (const name of ["boot", "chipEn"]) {
    if ("line" in group(straps[name])) continue;
    needs.push({ path: ["straps", name], expected: "{ line: rts } or { line: dtr }, with the driver modem" });
  }
  if (straps["power"] !== undefined) {
    needs.push({ path: ["straps", "power"], expected: "nothing: the driver modem has no line left for it" });
  }
  if (safeState["power"] === "off") {
    needs.push({ path: ["safeState", "power"], expected: "on: the driver modem has no power switch" });
  }
  return needs;
}

/** The character device does not count as sysfs does. */
function gpioNeeds(
  driver: "onoff" | "chardev",
  straps: Record<string, unknown>,
  safeState: Record<string, unknown>,
): Need[] {
  const forms = driver === "onoff" ? "{ bcm }, { chip, offset } or { sysfs }" : "{ bcm } or { chip, offset }";
  const foreign = driver === "onoff" ? ["line"] : ["line", "sysfs"];
  const needs: Need[] = [];
  for (const name of ["boot", "chipEn", "power", "ready"]) {
    const line = straps[name];
    const optional = name === "power" || name === "ready";
    if (line === undefined ? optional : !foreign.some((form) => form in group(line))) continue;
    needs.push({ path: ["straps", name], expected: `${forms}, with the driver ${driver}` });
  }
  if (straps["power"] === undefined && safeState["power"] === "off") {
    needs.push({ path: ["safeState", "power"], expected: "on: this rig has no straps.power to switch it off" });
  }
  return needs;
}

const known = (driver: unknown): boolean => LineDriver.safeParse(driver).success;

const group = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
