import { existsSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { isPackaged, loadRig, rigFile } from "../../../../rigs/file/load.js";
import type { RigConfig } from "../../../../rigs/file/schema.js";
import { outlastProcess } from "../../../../rigs/lines/lone-lines.js";
import { isSimulated } from "../../../../rigs/simulated.js";
import { HarnessError } from "../../../base/errors.js";
import { refuseUnwritable, writeWhole } from "../../../base/files.js";
import { userName } from "../../../base/user.js";
import { type Unit, unitsFor } from "../../../doctor/units.js";
import { isGroup, isUser } from "../../../doctor/users.js";
import { withRig } from "../../options/options.js";
import { colors, print, printJson, tell } from "../../terminal/output.js";

export const options = (yargs: Argv) =>
  withRig(yargs)
    .option("print", { type: "boolean", default: false, describe: "Print the units and write nothing" })
    .option("into", {
      type: "string",
      default: "/etc/systemd/system",
      requiresArg: true,
      describe: "Folder that the units are written to",
    })
    .option("firmware", { type: "string", requiresArg: true, describe: "NCP_Binaries folder of the nightly run" })
    .option("at", {
      type: "string",
      default: "02:00",
      requiresArg: true,
      coerce: timeOfDay,
      describe: "When the nightly run starts",
    })
    .option("user", {
      type: "string",
      requiresArg: true,
      describe: "User of the services; default: who called sudo, else you; never root by itself",
    })
    .example("$0 rig install-units --print --rig bench-1.yaml --firmware NCP_Binaries", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

/** The paths in the units are absolute, and the run's `out/` lies in the current folder. */
export async function run({ rig, set, print: onlyPrint, into, firmware, at, user, json }: Args): Promise<number> {
  const config = loadRig(rig, set);
  if (firmware === undefined && !isSimulated(config)) {
    throw new HarnessError("USAGE", `--firmware is missing: the nightly run of ${config.name} flashes real firmware`);
  }
  const groups = groupsFor(config);
  const units = unitsFor({
    rig: config.name,
    program: [process.execPath, realpathSync(process.argv[1] ?? "")],
    choice: ["--rig", rigArgument(rig), ...set.flatMap((each) => ["--set", each])],
    run: firmware === undefined ? [] : ["--firmware", realFolder(firmware)],
    user: serviceUser(user),
    groups,
    folder: oneLine("the current folder", process.cwd()),
    at,
    safe: outlastProcess(config),
  });
  for (const group of groups.filter((name) => !isGroup(name)))
    tell(
      `this machine has no group ${group}, and systemd starts no service of one: sudo groupadd --system ${group}`,
      colors.yellow,
    );
  if (!onlyPrint) writeAll(into, units);
  if (json) printJson({ units, ...(onlyPrint ? {} : { folder: into }) });
  else if (onlyPrint) print(units.map(({ name, text }) => `# ${join(into, name)}\n${text}`).join("\n"));
  else print(written(into, units));
  return 0;
}

/** @throws HarnessError USAGE when it would be root without having been asked for, or there is no such user. */
function serviceUser(asked: string | undefined): string {
  const caller = process.geteuid?.() === 0 ? process.env["SUDO_USER"] : userName();
  const name = asked ?? (caller === "root" ? undefined : caller);
  if (!name) throw new HarnessError("USAGE", "--user is missing: the services would run as root, which they need not");
  if (isUser(oneLine("--user", name))) return name;
  throw new HarnessError("USAGE", `--user ${name}: this machine has no such user`);
}

/** Debian's and Raspberry Pi OS's groups of what a rig opens. */
function groupsFor({ straps, serial, spi }: RigConfig): string[] {
  const gpio = straps.driver === "onoff" || straps.driver === "chardev";
  return [
    ...(gpio ? ["gpio"] : []),
    ...(serial.driver === "port" ? ["dialout"] : []),
    ...(spi?.driver === "spidev" ? ["spi"] : []),
  ];
}

function writeAll(folder: string, units: readonly Unit[]): void {
  for (const { name } of units) refuseUnwritable(join(folder, name));
  for (const { name, text } of units) writeWhole(join(folder, name), text);
}

function written(folder: string, units: readonly Unit[]): string {
  const started = units.map(({ name }) => name).filter((name) => !name.includes("nightly") || name.endsWith(".timer"));
  return `${units.map(({ name }) => join(folder, name)).join("\n")}
now: sudo systemctl daemon-reload && sudo systemctl enable --now ${started.join(" ")}`;
}

/** A rig is named from any folder, a file by its whole path. */
function rigArgument(rig: string): string {
  if (/[/\\]|\.ya?ml$/.test(rig)) return resolve(rig);
  const file = rigFile(rig);
  return isPackaged(dirname(file)) ? rig : resolve(file);
}

function realFolder(path: string): string {
  if (existsSync(path)) return resolve(path);
  throw new HarnessError("FILE_UNREADABLE", `--firmware ${path}: no such folder`);
}

/** A unit file has no way to write a line break there, and a backslash at the end would take in the next line. */
function oneLine(what: string, text: string): string {
  if (!/\p{Cc}|\\$/u.test(text)) return text;
  throw new HarnessError("USAGE", `${what}: expected a name on one line, got ${JSON.stringify(text)}`);
}

function timeOfDay(text: string): string {
  if (/^([01]\d|2[0-3]):[0-5]\d$/.test(text)) return text;
  throw new Error(`--at: expected hours and minutes such as 02:00, got ${JSON.stringify(text)}`);
}
