import type { ArgumentsCamelCase, Argv } from "yargs";
import type { Deadline } from "../../../base/time.js";
import type { Rig } from "../../../base/wire.js";
import type { Fuses } from "../../../protocol/fuses.js";
import type { Observer } from "../../../session/stage.js";
import { type Found, tellFound } from "../../bench/found.js";
import { leaveOption, withRig } from "../../options/options.js";
import { withTraceFile } from "../../options/trace.js";
import { infoLines, tellLock, tellMac, tellRollback } from "../../terminal/info-text.js";

export const options = (yargs: Argv) =>
  withTraceFile(withRig(yargs))
    .option("leave", leaveOption("off; --over spi: run"))
    .option("over", {
      type: "string",
      choices: ["uart", "spi"] as const,
      default: "uart" as const,
      requiresArg: true,
      describe: "uart: as the boot ROM tells it; spi: as the running firmware does, over AT",
    })
    .example("$0 chip info --rig bench-1.yaml", "Nothing is erased or written")
    .example("$0 chip info --rig bench-1.yaml --over spi", "Which firmware runs, and on what");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run(args: Args): Promise<number> {
  if (args.over === "spi") return (await import("../../spi/info.js")).infoOverSpi(args);
  return tellFound(args, { what: "chip info", leave: { asked: args.leave, usual: "off", worked: "rom" } }, info);
}

/** Identity, lock state, flash, and what the fuses tell where they can be read. */
async function info(rig: Rig, deadline: Deadline, observer: Observer): Promise<Found> {
  const [{ openModule }, { readFuses }] = await Promise.all([
    import("../../../recover/open.js"),
    import("../../../flash/fuses.js"),
  ]);
  const session = await openModule(rig, deadline, observer);
  const { info, jedec } = session;
  const fuses = await readFuses(session, deadline);
  const document = {
    module: info.chipId,
    romVersion: info.romVersion,
    locked: info.signRequired,
    encrypted: info.encryptRequired,
    flashPin: info.flashPin,
    swUsage0: info.swUsage0,
    swUsage1: info.swUsage1,
    bootInfoChecked: info.checked,
    flash: { jedec: jedec.id, bytes: jedec.flashBytes, known: jedec.known },
    baud: rig.wire.baud,
    fuses: fuses && {
      mac: fuses.mac,
      keyHash: fuses.keyHash ?? null,
      jtagDisabled: fuses.jtagDisabled,
      antiRollback: fuses.antiRollback,
      partNumber: fuses.partNumber ?? null,
    },
  };
  return { lines: linesOf(document), document };
}

interface Info {
  readonly module: string;
  readonly romVersion: number;
  readonly locked: boolean;
  readonly flash: { readonly jedec: string; readonly bytes: number };
  readonly baud: number;
  readonly fuses:
    | {
        readonly mac: string;
        readonly keyHash: string | null;
        readonly jtagDisabled: boolean;
        readonly antiRollback: Fuses["antiRollback"];
        readonly partNumber: string | null;
      }
    | undefined;
}

function linesOf({ module, romVersion, locked, flash, baud, fuses }: Info): string[] {
  const rows: [string, string][] = [
    ["module", module],
    ["ROM version", `${romVersion}`],
    ["lock state", tellLock(locked)],
    ["flash", `${flash.jedec}, ${flash.bytes} bytes`],
    ["working rate", `${baud} Bd`],
    ...(fuses === undefined ? [["fuses", "cannot be read"] as [string, string]] : fuseRows(fuses)),
  ];
  return infoLines(rows);
}

function fuseRows({
  mac,
  keyHash,
  jtagDisabled,
  antiRollback,
  partNumber,
}: NonNullable<Info["fuses"]>): [string, string][] {
  return [
    ["MAC", tellMac(mac)],
    ["key hash", keyHash ?? "empty, or cannot be read"],
    ["JTAG", jtagDisabled ? "disabled" : "enabled"],
    ["anti-rollback", tellRollback(antiRollback)],
    ["part number", partNumber ?? "none"],
  ];
}
