import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { type BootInfo, decodeBootInfo } from "../protocol/boot-info.js";
import { decodeJedec, flashWord, isUnanswered, type JedecId } from "../protocol/flash.js";
import { enterRomBeside } from "./handshake.js";
import { settleRate } from "./pace.js";
import { isUnknown } from "./refusal.js";
import { type BootRom, IDLE_MS } from "./rom.js";
import { setParaTrouble } from "./set-para.js";
import { type Observer, stopwatch } from "./stage.js";
import { type Hold, holding } from "./strap.js";

/** Raised so that a busy host does not lose the session; 10 s is what newer vendor tools set. */
export const IDLE_TIMEOUT_MS = 10_000;
/** The ROM of BL616 A0 does not know setIdleTimeout. */
const ROM_A0 = 0x01;

/** A module that answers in its boot ROM, still at the boot rate. */
export interface Entered {
  readonly rig: Rig;
  readonly rom: BootRom;
  readonly info: BootInfo;
}

/** A module in its boot ROM, at the working rate, with its flash set up. */
export interface Session extends Entered {
  readonly jedec: JedecId;
}

/** ROM and identity. @throws HarnessError NOT_IN_ROM; BOOT_INFO_CORRUPT; WRONG_MODULE; what `request` throws. */
export const enter = (rig: Rig, deadline: Deadline, observer: Observer): Promise<Entered> =>
  holding((hold) => enterBeside(hold, rig, deadline, observer));

/** As `enter`, while `hold` may still hold BOOT. */
export async function enterBeside(hold: Hold, rig: Rig, deadline: Deadline, observer: Observer): Promise<Entered> {
  const timed = stopwatch(deadline, observer);
  const rom = await timed("enter-rom", () => enterRomBeside(hold, rig, deadline));
  const info = await timed("boot-info", () => identify(rig, rom, deadline));
  return { rig, rom, info };
}

/**
 * Idle time-out and working rate. A device that ignores both commands but still answers at the boot rate, as the RAM
 * loaders of sister chips do, is served there, which is noted.
 */
export async function setRate(
  { rig, rom, info }: Entered,
  baud: number,
  deadline: Deadline,
  observer: Observer,
): Promise<void> {
  const timed = stopwatch(deadline, observer);
  await timed("clock-set", async () => {
    await raiseIdleTimeout({ rom, info }, deadline);
    if (!(await accepted(rom.request("clockSet", { irq: 1, baud, clock: new Uint8Array() }, deadline)))) {
      await rom.request("getBootInfo", {}, deadline);
      observer.note?.(`${rig.name}: the device ignores clock-set; it is served at ${rig.wire.baud} Bd`);
      return;
    }
    await rig.wire.setBaud(baud, deadline);
    await settleRate(rom, rig, deadline);
  });
}

/** Each handshake puts the idle time-out back to the ROM's own, so it is raised after each. */
async function raiseIdleTimeout({ rom, info }: Pick<Entered, "rom" | "info">, deadline: Deadline): Promise<void> {
  rom.idleMs = IDLE_MS;
  if (info.romVersion === ROM_A0) return;
  if (await accepted(rom.request("setIdleTimeout", { ms: IDLE_TIMEOUT_MS }, deadline))) rom.idleMs = IDLE_TIMEOUT_MS;
}

/** The rest of the way to a session: rate, where the line is at another one, and flash. */
export async function setUp(entered: Entered, baud: number, deadline: Deadline, observer: Observer): Promise<Session> {
  if (entered.rig.wire.baud === baud) await raiseIdleTimeout(entered, deadline);
  else await setRate(entered, baud, deadline, observer);
  return { ...entered, jedec: await setUpFlash(entered, deadline, observer) };
}

/**
 * Set-para, the first exchange at the working rate, and the flash's id.
 *
 * @throws HarnessError what `request` throws: silence or garbage here is the first sign of a line that does not carry the
 * rate, and its advice names the likely causes in order.
 */
export async function setUpFlash(
  { rig, rom, info }: Entered,
  deadline: Deadline,
  observer: Observer,
): Promise<JedecId> {
  return stopwatch(deadline, observer)("set-para", async () => {
    try {
      await rom.request("flashSetPara", { word: flashWord(info.flashPin), parameters: new Uint8Array() }, deadline);
    } catch (error) {
      throw setParaTrouble(error, { rig: rig.name, baud: rig.wire.baud, provenBaud: rig.bootBaud });
    }
    return readJedec(rom, deadline);
  });
}

/**
 * Manufacturer, type and size of the flash. The answer has no checksum: where much hangs on the size, see `sureJedec`.
 *
 * @throws HarnessError FLASH_UNREACHED when the module says twice what no flash of it can be; REPLY_MALFORMED when it says
 * two things.
 */
export async function readJedec(rom: BootRom, deadline: Deadline): Promise<JedecId> {
  const ask = async () => decodeJedec((await rom.request("flashReadJedec", {}, deadline)).id);
  const jedec = await ask();
  if (isPlausible(jedec)) return jedec;
  const again = await ask();
  if (again.id !== jedec.id) throw jedecMalformed(`asked twice: ${jedec.id}, then ${again.id}`, again.id);
  throw new HarnessError("FLASH_UNREACHED", `flashReadJedec: ${oddity(jedec)}`, { details: { jedec: jedec.id } });
}

const isPlausible = ({ id, flashBytes }: JedecId): boolean => flashBytes > 0 && !isUnanswered(id);

const oddity = ({ id }: JedecId): string =>
  isUnanswered(id)
    ? `the id ${id}: no flash answers the module`
    : `expected a capacity (last byte) of 13 to 18, 512 KiB to 16 MiB, got the id ${id}`;

/** Asked once more. @throws HarnessError REPLY_MALFORMED when the module says something else now. */
export async function sureJedec({ rom, jedec }: Session, deadline: Deadline): Promise<JedecId> {
  const again = await readJedec(rom, deadline);
  if (again.id === jedec.id) return jedec;
  throw jedecMalformed(`asked twice: ${jedec.id}, then ${again.id}`, again.id);
}

const jedecMalformed = (what: string, bytes: string): HarnessError =>
  new HarnessError("REPLY_MALFORMED", `flashReadJedec: ${what}`, { details: { command: "flashReadJedec", bytes } });

/** @throws HarnessError BOOT_INFO_CORRUPT; WRONG_MODULE when the rig file names another module. */
export async function identify({ name, chipId }: Rig, rom: BootRom, deadline: Deadline): Promise<BootInfo> {
  const told = rom.toldInfo;
  rom.toldInfo = undefined;
  const info = decodeBootInfo(told ?? (await rom.request("getBootInfo", {}, deadline)).data);
  if (chipId === undefined || chipId === info.chipId) return info;
  throw new HarnessError("WRONG_MODULE", `${name}: expected the module ${chipId}, found ${info.chipId}`);
}

/** Whether it was done; a device that does not know the command is silent, or refuses it. Any other error is thrown. */
async function accepted(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (isUnknown(error) || (error instanceof HarnessError && error.code === "COMMAND_TIMEOUT")) return false;
    throw error;
  }
}
