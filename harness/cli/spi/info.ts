import { HarnessError } from "../../base/errors.js";
import type { Deadline } from "../../base/time.js";
import type { Rig } from "../../base/wire.js";
import type { PartRow } from "../../ncp/answers.js";
import type { At } from "../../ncp/at.js";
import type { Identity } from "../../ncp/identify.js";
import type { Fuses } from "../../protocol/fuses.js";
import { type Observer, stopwatch } from "../../session/stage.js";
import { type Found, tellFound } from "../bench/found.js";
import type { Leave } from "../bench/leave.js";
import type { RigArgs } from "../bench/workbench.js";
import { infoLines, tellLock, tellMac, tellRollback } from "../terminal/info-text.js";

/** `chip info --over spi`: a module as its running firmware tells it. @returns the exit code. */
export async function infoOverSpi(
  args: RigArgs & { readonly json: boolean; readonly leave?: Leave["asked"] },
): Promise<number> {
  if (args.trace !== undefined)
    throw new HarnessError("USAGE", "--trace does not go with --over spi: it records the UART");
  const leave = { asked: args.leave, usual: "run", worked: "run" } as const;
  return tellFound(args, { what: "chip info --over spi", leave }, info);
}

async function info(rig: Rig, deadline: Deadline, observer: Observer): Promise<Found> {
  const [{ startAt }, { fusesOver }, { identify }, { readFw }, answers] = await Promise.all([
    import("../../flash/start-at.js"),
    import("../../flash/over-the-air.js"),
    import("../../ncp/identify.js"),
    import("../../ncp/prove.js"),
    import("../../ncp/answers.js"),
  ]);
  const { at, readyMs } = await stopwatch(deadline, observer)("restart", () => startAt(rig, deadline));
  const identity = await identify(at, deadline);
  const fw = await readFw(at, deadline);
  const macs = await whereKnown(at, "AT+GMAC?", answers.parseMacs, deadline);
  const partNumber = await whereKnown(at, "AT+PN?", answers.parsePartNumber, deadline);
  const vbatMv = await whereKnown(at, "AT+VBAT?", answers.parseVbat, deadline);
  const fuses = await fusesOver(at, deadline);
  const told: Told = { identity, readyMs, fw, macs, partNumber, vbatMv, fuses };
  return { lines: linesOf(told), document: documentOf(told) };
}

/** A profile or a version may lack a command: that is told, and spoils nothing. */
async function whereKnown<T>(
  at: At,
  command: string,
  parse: (lines: readonly string[]) => T,
  deadline: Deadline,
): Promise<T | undefined> {
  try {
    return parse((await at.command(command, deadline)).lines);
  } catch (error) {
    if (error instanceof HarnessError && error.code === "AT_ERROR") return undefined;
    throw error;
  }
}

interface Told {
  readonly identity: Identity;
  readonly readyMs: number;
  readonly fw: PartRow;
  /** These are `undefined` where the firmware does not know the command. */
  readonly macs: readonly (string | undefined)[] | undefined;
  readonly partNumber: string | undefined;
  readonly vbatMv: number | undefined;
  readonly fuses: Fuses | undefined;
}

function documentOf({ identity, readyMs, fw, macs, partNumber, vbatMv, fuses }: Told): object {
  const { atVersion, macsw, btble, btbleController, built, isMarked, ...firmware } = identity;
  return {
    module: fuses?.mac ?? null,
    firmware: { ...firmware, marked: isMarked, built: built ?? null },
    versions: { at: atVersion, macsw: macsw ?? null, btble: btble ?? null, btbleController: btbleController ?? null },
    fw: { slot: fw.active, age: fw.age },
    readyMs,
    macs: macs?.map((mac) => mac ?? null) ?? null,
    partNumber: partNumber ?? null,
    vbatMv: vbatMv ?? null,
    locked: fuses?.signRequired ?? null,
    fuses: fuses && {
      mac: fuses.mac,
      keyHash: fuses.keyHash ?? null,
      jtagDisabled: fuses.jtagDisabled,
      antiRollback: fuses.antiRollback,
      partNumber: fuses.partNumber ?? null,
    },
  };
}

const UNTOLD = "not told by this firmware";

function linesOf({ identity, readyMs, fw, macs, partNumber, vbatMv, fuses }: Told): string[] {
  const { profile, version, isMarked, built, atVersion, macsw, btble, btbleController } = identity;
  return infoLines([
    ["module", fuses?.mac ?? UNTOLD],
    ["firmware", `${profile}@${version}${isMarked ? "" : ", by CWNETMODE: it bears no marker"}`],
    ["built", built ?? UNTOLD],
    ["FW", `slot ${fw.active}, age ${fw.age}`],
    ["SPI_RDY", `in ${Math.round(readyMs)} ms`],
    ["AT version", atVersion],
    ["MAC software", macsw ?? UNTOLD],
    ["Bluetooth LE", btble ?? UNTOLD],
    ["its controller", btbleController ?? UNTOLD],
    ["MACs", macs?.map((mac) => (mac === undefined ? "none" : tellMac(mac))).join(", ") ?? UNTOLD],
    ["part number", partNumber === "" ? "none" : (partNumber ?? UNTOLD)],
    ["supply", vbatMv === undefined ? UNTOLD : `${vbatMv} mV`],
    ...fuseRows(fuses),
  ]);
}

function fuseRows(fuses: Fuses | undefined): (readonly [string, string])[] {
  if (fuses === undefined) return [["fuses", UNTOLD]];
  const { signRequired, keyHash, jtagDisabled, antiRollback } = fuses;
  return [
    ["lock state", tellLock(signRequired)],
    ["key hash", keyHash ?? "empty, or cannot be read"],
    ["JTAG", jtagDisabled ? "disabled" : "enabled"],
    ["anti-rollback", tellRollback(antiRollback)],
  ];
}
