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
import { type Unit, type UnitsOf, unitsFor } from "../../../doctor/units.js";
import { isGroup, isUser } from "../../../doctor/users.js";
import { withRig } from "../../options/options.js";
import { colors, print, printJson, tell } from "../../terminal/output.js";

const NIGHT = "02:00";
const REDIS_FILE = "/etc/st67-hil/farm.env";
const REDIS_VARIABLE = "ST67_HIL_REDIS";

export const options = (yargs: Argv) =>
  withRig(yargs)
    .option("print", { type: "boolean", default: false, describe: "Print the units and write nothing" })
    .option("into", {
      type: "string",
      default: "/etc/systemd/system",
      requiresArg: true,
      describe: "Folder that the units are written to",
    })
    .option("firmware", {
      type: "string",
      requiresArg: true,
      describe: "NCP_Binaries folder of the nightly run; of a farm's agent: where it finds the reference firmware",
    })
    .option("at", {
      type: "string",
      requiresArg: true,
      coerce: timeOfDay,
      describe: `When the nightly run starts; default: ${NIGHT}`,
    })
    .option("farm", {
      type: "boolean",
      default: false,
      describe: "An agent of a farm, `farm work`, in place of the nightly run",
    })
    .option("redis-file", {
      type: "string",
      requiresArg: true,
      describe: `File that tells a farm's agent ${REDIS_VARIABLE}=URL; default: ${REDIS_FILE}`,
    })
    .option("user", {
      type: "string",
      requiresArg: true,
      describe: "User of the services; default: who called sudo, else you; never root by itself",
    })
    .example("$0 rig install-units --print --rig bench-1.yaml --firmware NCP_Binaries", "");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

/** The paths in the units are absolute, and the run's `out/` lies in the current folder. */
export async function run(args: Args): Promise<number> {
  const { rig, set, print: onlyPrint, into, firmware, user, json } = args;
  const work = workOf(args);
  const config = loadRig(rig, set);
  if (firmware === undefined && "at" in work && !isSimulated(config)) {
    throw new HarnessError("USAGE", `--firmware is missing: the nightly run of ${config.name} flashes real firmware`);
  }
  const groups = groupsFor(config);
  const wanted: UnitsOf = {
    rig: config.name,
    program: [process.execPath, realpathSync(process.argv[1] ?? "")],
    choice: ["--rig", rigArgument(rig), ...set.flatMap((each) => ["--set", each])],
    run: firmware === undefined ? [] : ["--firmware", realFolder(firmware)],
    user: serviceUser(user),
    groups,
    folder: oneLine("the current folder", process.cwd()),
    work,
    safe: outlastProcess(config),
  };
  const units = unitsFor(wanted);
  for (const group of groups.filter((name) => !isGroup(name)))
    tell(
      `this machine has no group ${group}, and systemd starts no service of one: sudo groupadd --system ${group}`,
      colors.yellow,
    );
  if (!onlyPrint) writeAll(into, units);
  if ("redisFile" in work) tell(`${work.redisFile} is to hold ${REDIS_VARIABLE}=URL: root's, and of mode 600`);
  for (const name of startedOf(otherUnits(wanted)).filter((each) => existsSync(join(into, each))))
    tell(`${name} is there from before, and wants the rig too: sudo systemctl disable --now ${name}`, colors.yellow);
  if (json) printJson({ units, ...(onlyPrint ? {} : { folder: into }) });
  else if (onlyPrint) print(units.map(({ name, text }) => `# ${join(into, name)}\n${text}`).join("\n"));
  else print(written(into, units));
  return 0;
}

/** @throws HarnessError USAGE for an option of the other work, which would be passed over. */
function workOf({ farm, at, redisFile }: Pick<Args, "farm" | "at" | "redisFile">): UnitsOf["work"] {
  if (farm && at !== undefined) throw new HarnessError("USAGE", "--at does not go with --farm: an agent always works");
  if (!farm && redisFile !== undefined)
    throw new HarnessError("USAGE", "--redis-file does not go without --farm: a nightly run has no Redis");
  if (!farm) return { at: at ?? NIGHT };
  const file = oneLine("--redis-file", resolve(redisFile ?? REDIS_FILE));
  if (!/[*?[]|\s$/.test(file)) return { redisFile: file };
  throw new HarnessError("USAGE", `--redis-file ${file}: systemd takes * ? [ and blanks at the end for something else`);
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

/** A nightly run is started by its timer. */
const startedOf = (units: readonly Unit[]): string[] =>
  units.map(({ name }) => name).filter((name) => !/^st67-hil-nightly-.*\.service$/.test(name));

/** What stays of an agent where a nightly run comes, and of that where an agent does. */
function otherUnits(wanted: UnitsOf): Unit[] {
  const work = "at" in wanted.work ? { redisFile: REDIS_FILE } : { at: NIGHT };
  return unitsFor({ ...wanted, safe: false, work });
}

function written(folder: string, units: readonly Unit[]): string {
  return `${units.map(({ name }) => join(folder, name)).join("\n")}
now: sudo systemctl daemon-reload && sudo systemctl enable --now ${startedOf(units).join(" ")}`;
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

function timeOfDay(text?: string): string | undefined {
  if (text === undefined || /^([01]\d|2[0-3]):[0-5]\d$/.test(text)) return text;
  throw new Error(`--at: expected hours and minutes such as 02:00, got ${JSON.stringify(text)}`);
}
