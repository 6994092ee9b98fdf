import type { ArgumentsCamelCase } from "yargs";
import type { RigConfig } from "../../../rigs/file/schema.js";
import { HarnessError } from "../../base/errors.js";
import type { Applied } from "../../flash/over-the-air.js";
import type { Expected } from "../../flash/prove.js";
import type { UpdateFile } from "../../ncp/update-file.js";
import { stopwatch } from "../../session/stage.js";
import { orRefusal, REFUSED } from "../bench/refusal.js";
import { atBench, type Bench, loadBench, moduleName, type RigArgs, rigFacts } from "../bench/workbench.js";
import { tellBoot } from "../terminal/boot-text.js";
import { colors, print, printJson, tell } from "../terminal/output.js";

type Args = ArgumentsCamelCase<
  RigArgs & { readonly json: boolean; readonly dryRun: boolean; readonly leave: "run" | "rom" | "off" | undefined }
>;

/** An update of a profile that has AT: another can neither be asked for nor be proven. */
type Update = UpdateFile & { readonly profile: "t01" | "t02" };

/** `flash --ota`: an update through the running firmware, and the boot of what it installed. @returns the exit code. */
export async function updateOverSpi(args: Args, path: string): Promise<number> {
  refuseIdle(args);
  const bench = await loadBench(args);
  const file = await orRefusal(() => prepare(path, bench), bench, args.json);
  if (file === undefined) return REFUSED;
  for (const warning of file.warnings) tell(`warning: ${warning}`, colors.yellow);
  return args.dryRun ? preview(bench, file, args) : install(bench, file, args);
}

/** Of `flash`, what speaks of a flash over the UART. */
const IDLE = [
  ...["firmware", "profile", "fw-version", "config", "file", "address"],
  ...["raw", "erase", "compress", "verify", "delta", "recover"],
  ...["efuse", "burn-efuse", "chip-id"],
];

function refuseIdle(args: Args): void {
  const idle = IDLE.find((name) => args[name] !== undefined && args[name] !== false);
  if (idle !== undefined) throw new HarnessError("USAGE", `--${idle} does not go with --ota: it would mean nothing`);
  if (args.trace !== undefined)
    throw new HarnessError("USAGE", "--trace does not go with --ota: it records the UART, and an update goes over SPI");
}

async function prepare(path: string, { config }: Bench): Promise<Update> {
  refuseWithoutSpi(config);
  const [{ readBytes }, { readUpdate }] = await Promise.all([
    import("../../firmware/files.js"),
    import("../../ncp/update-file.js"),
  ]);
  const file = readUpdate(readBytes(path, "an update over the air"), path);
  const { name, profile, version } = file;
  if (profile === "t01" || profile === "t02") return { ...file, profile };
  throw new HarnessError(
    "OTA_UNSUITABLE",
    profile === undefined
      ? `${name}: the image ${version} in it tells no profile, and an update stays in its profile: expected a name as st67w611m_mission_t01_v${version}.bin.ota`
      : `${name}: it holds ${profile}@${version}, and ${profile} has no AT: it comes by UART alone`,
    { details: { file: profile } },
  );
}

/** The update begins with a reset: what answers must be what runs now. */
function refuseWithoutSpi({ name, spi, straps }: RigConfig): void {
  if (spi === undefined) throw new HarnessError("SPI_MISSING", `--ota: no spi in the rig file of ${name}`);
  if (straps.driver === "none")
    throw new HarnessError("LINES_NOT_DRIVEN", `--ota: ${name} cannot start its module anew: straps.driver is none`);
}

const labelOf = ({ profile, version }: Update): string => `${profile}@${version}`;

/** What the file holds. A firmware is known by the SHA-256 of its signed body, whatever it is wrapped in. */
const describe = ({ name, profile, version, kind, bytes, payloadSha256, image }: Update) => ({
  file: name,
  profile,
  version,
  kind,
  bytes: bytes.length,
  payloadSha256,
  bodySha256: image.bodySha256,
});

function preview(bench: Bench, file: Update, { json }: Args): number {
  const { bootMs } = bench.config.timing;
  const { profile, version } = file;
  const update = describe(file);
  const steps = [
    { op: "restart", withinMs: bootMs },
    { op: "ask", what: ["profile", "chip id", "lock state", "key hash", "anti-rollback"] },
    { op: "update", file: file.name, bytes: update.bytes },
    { op: "boot", profile, version },
  ];
  if (json) {
    printJson({ ...rigFacts(bench), firmware: labelOf(file), update, steps });
    return 0;
  }
  print(`${file.name}: ${labelOf(file)}, ${update.kind}, ${update.bytes} bytes`);
  print(`payload SHA-256 ${update.payloadSha256}`);
  print(`body SHA-256 ${update.bodySha256}`);
  print(`restart the module: SPI_RDY within ${bootMs} ms`);
  print("ask it over AT: profile, chip id, lock state, key hash, anti-rollback");
  print(`hand over ${update.bytes} bytes, and wait for its restart`);
  print(`boot once more: ${labelOf(file)} must run, from where the update has put it`);
  return 0;
}

async function install(bench: Bench, file: Update, { json, leave: asked }: Args): Promise<number> {
  const [{ startAt }, { updateModule }, { bootModule }] = await Promise.all([
    import("../../flash/start-at.js"),
    import("../../flash/over-the-air.js"),
    import("../../recover/boot.js"),
  ]);
  const leave = { asked, usual: "run", worked: "run" } as const;
  return atBench(bench, { what: `flash --ota ${file.name}`, json, leave }, async (work) => {
    const { rig, deadline, observer, stages, rungs, recoveries, notes } = work;
    const { at } = await stopwatch(deadline, observer)("restart", () => startAt(rig, deadline));
    const { module, ...applied } = await updateModule(at, file, rig, deadline, observer);
    // AT has answered: whatever else the rig can observe, this boot it can.
    const asking = { ...rig, bootProof: [...rig.bootProof, "at" as const] };
    const boot = await bootModule(asking, expectedOf(file, applied), undefined, deadline, observer);
    const told = { stages, rungs, recovered: recoveries.at(-1), notes, boot };
    const firmware = labelOf(file);
    if (json)
      printJson({
        ...rigFacts(bench),
        firmware,
        module: module ?? null,
        update: { ...describe(file), ...applied },
        ...told,
      });
    else {
      const where = module === undefined ? rig.name : moduleName(bench, module);
      print(`${firmware} is on ${where}, over the air from ${applied.from} (${tellPlace(applied)})${tellBoot(boot)}`);
    }
    return 0;
  });
}

const tellPlace = ({ before, after }: Pick<Applied, "before" | "after">): string =>
  `FW in slot ${after.slot}, age ${after.age}; before: slot ${before.slot}, age ${before.age}`;

/** Behind one more reset it still runs from where the update has put it. */
const expectedOf = ({ profile, version }: Update, { after }: Pick<Applied, "after">): Expected => ({
  profile,
  version,
  place: after,
});
