import { lstatSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { loadRig } from "../../../../rigs/file/load.js";
import type { RigConfig } from "../../../../rigs/file/schema.js";
import { HarnessError } from "../../../base/errors.js";
import { refuseUnwritable, told, writeNew } from "../../../base/files.js";
import { notHere } from "../../../doctor/cheap.js";
import { Host } from "../../../doctor/host.js";
import { readMachine } from "../../../doctor/machine.js";
import { type Ask, askRig, DRIVERS, type NewRig, type Surroundings } from "../../../doctor/new-rig.js";
import { stablePorts } from "../../../doctor/port-facts.js";
import { rigText } from "../../../doctor/rig-text.js";
import { spiDevices } from "../../../doctor/spi-facts.js";
import { onInterrupt, reportEnd } from "../../terminal/interrupt.js";
import { print, printJson, tell } from "../../terminal/output.js";
import { type Given, optionsAlone, Questionnaire } from "../../terminal/questions.js";

/** On the board, at GPIO 14 and 15 of a Raspberry Pi. */
const ONBOARD = ["/dev/ttyAMA0"];
/** Answers that another one leads to. */
const LED_TO: Readonly<Record<string, string>> = { spi: "ready-bcm", "cs-bcm": "spi" };
/** The end of the input, Ctrl-D, is as good as Ctrl-C. */
const CANCELLED = 128 + constants.signals.SIGINT;
const ANSWERS = {
  name: "Name of the rig",
  driver: `Who drives BOOT and CHIP_EN: ${DRIVERS.join(", ")}`,
  port: "Serial port",
  socket: "With the driver socket: control socket of the simulated module",
  chip: "With onoff and chardev: label of a GPIO chip, when it is not a Raspberry Pi's; the numbers are then its lines",
  "boot-bcm": "With onoff and chardev: BCM number of BOOT",
  "chip-en-bcm": "The same of CHIP_EN",
  "power-bcm": "The same of a switch of the module's supply; default: none",
  "ready-bcm": "The same of SPI_RDY, an input; default: none",
  spi: "With --ready-bcm: device of the module's SPI, such as /dev/spidev0.0; default: none",
  "cs-bcm": "With --spi: BCM number of the line that selects the module",
  "boot-line": "With modem: rts or dtr for BOOT, CHIP_EN gets the other; default: rts",
  "modem-active": "With modem: level of the port's pin that asserts a line, low or high; default: low",
};

export function options(yargs: Argv) {
  for (const [name, describe] of Object.entries(ANSWERS)) {
    yargs.option(name, { type: "string", requiresArg: true, describe });
  }
  return yargs
    .positional("file", { type: "string", demandOption: true, describe: "The rig file to write; never overwritten" })
    .option("json", { type: "boolean", default: false, describe: "One JSON document on standard output" })
    .example("$0 rig new bench-1.yaml", "Asks for what it needs, and proposes what it finds")
    .example("$0 rig new desk.yaml --name desk --driver manual --port /dev/ttyUSB0", "Asks for nothing");
}

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  const { file, json } = args;
  using interrupt = onInterrupt();
  try {
    refuseExisting(file);
    refuseUnwritable(file);
    const given = Object.fromEntries(Object.keys(ANSWERS).map((name) => [name, args[name] as string | undefined]));
    const rig = besideFile(await answers(given, surroundings(), interrupt.signal), file);
    const config = write(file, rigText(rig));
    const warnings = told(() => notHere(config)) ?? [];
    for (const warning of warnings)
      tell(`warning: ${warning}. Right, if the file is for another machine or a later time.`);
    if (json) printJson({ file, rig: rig.name, warnings });
    else print(`${file} is written; next: st67-hil doctor --rig ${/[/\\]|\.ya?ml$/.test(file) ? file : `./${file}`}`);
    return 0;
  } catch (error) {
    if (!(error instanceof HarnessError) || error.code !== "ABORTED") return reportEnd(interrupt, error, json);
    // Below the question that is still there.
    tell("");
    const ended = new HarnessError("ABORTED", "the input ended before the last answer", { cause: error });
    reportEnd(interrupt, interrupt.signal.aborted ? error : ended, json);
    tell(`  Nothing was written: there is no ${file}.`);
    return interrupt.exitCode ?? CANCELLED;
  }
}

/** Answers are paths from where the user stands; in the file they begin where it lies. */
function besideFile(rig: NewRig, file: string): NewRig {
  const beside = (path: string | undefined) =>
    path === undefined || isAbsolute(path) || dirname(file) === "." ? path : relative(dirname(file), path);
  const spi = rig.spi && { ...rig.spi, path: beside(rig.spi.path) ?? rig.spi.path };
  return { ...rig, port: beside(rig.port), socket: beside(rig.socket), spi };
}

async function answers(given: Given, found: Surroundings, signal: AbortSignal): Promise<NewRig> {
  const { stdin: input, stderr: output } = process;
  const asked = new Set<string>();
  const noted =
    (ask: Ask): Ask =>
    (question) => {
      asked.add(question.option);
      return ask(question);
    };
  if (input.isTTY === true && output.isTTY === true) {
    using questionnaire = new Questionnaire(given, { input, output, signal });
    return withoutIdle(await askRig(noted(questionnaire.ask), found), given, asked);
  }
  const { ask, refuseMissing } = optionsAlone(given);
  const rig = await askRig(noted(ask), found);
  refuseMissing();
  return withoutIdle(rig, given, asked);
}

/** @throws HarnessError USAGE for an answer to what a rig of this driver is not asked. */
function withoutIdle(rig: NewRig, given: Given, asked: ReadonlySet<string>): NewRig {
  const idle = Object.keys(given).find((name) => given[name] !== undefined && !asked.has(name));
  if (idle === undefined) return rig;
  const missing = LED_TO[idle];
  if (missing !== undefined && !given[missing])
    throw new HarnessError("USAGE", `--${idle} goes with --${missing}: the module's SPI needs CS and SPI_RDY`);
  throw new HarnessError("USAGE", `--${idle} does not go with --driver ${rig.driver}: it would mean nothing`);
}

function surroundings(): Surroundings {
  const host = new Host();
  const onboard = ONBOARD.filter((path) => host.exists(path));
  return { ports: [...stablePorts(host), ...onboard], chips: readMachine(host).chips, spis: spiDevices(host) };
}

/** What is written loads; a file that would not is no rig file, and does not stay. */
function write(file: string, text: string): RigConfig {
  writeNew(file, text);
  try {
    return loadRig(resolve(file));
  } catch (error) {
    rmSync(file);
    throw error;
  }
}

function refuseExisting(file: string): void {
  if (told(() => lstatSync(file)) === undefined) return;
  throw new HarnessError("FILE_UNWRITABLE", `${file}: there is a file already, and it is never overwritten`, {
    advice: "Name another file, or edit that one.",
  });
}
