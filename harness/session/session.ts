import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { type BootInfo, decodeBootInfo } from "../protocol/boot-info.js";
import { decodeJedec, flashWord, type JedecId } from "../protocol/flash.js";
import { enterRom } from "./handshake.js";
import type { BootRom } from "./rom.js";
import { type Observer, SILENT } from "./stage.js";

/** Raised so that a busy host does not lose the session; 10 s is what newer vendor tools set. */
const IDLE_TIMEOUT_MS = 10_000;
/** The ROM of BL616 A0 does not know setTimeout. */
const ROM_A0 = 0x01;
/** What `auto` starts with, and the vendor's default. */
const VENDOR_BAUD = 2_000_000;
/** The vendor's pauses after clock-set: 10 ms, then 100 ms before the next command. */
const BAUD_SETTLE_MS = 110;

/** A module in its boot ROM, at the working rate, with its flash set up. */
export interface Session {
  readonly rig: Rig;
  readonly rom: BootRom;
  readonly info: BootInfo;
  readonly jedec: JedecId;
}

/**
 * Everything that comes before any operation: ROM, identity, rate, flash. Nothing is erased or written.
 *
 * @throws HarnessError NOT_IN_ROM; BOOT_INFO_CORRUPT; WRONG_MODULE; what `BootRom.request` throws.
 */
export async function openSession(rig: Rig, deadline: Deadline, observer: Observer = SILENT): Promise<Session> {
  const timed = stopwatch(deadline, observer);
  const rom = await timed("enter-rom", () => enterRom(rig, deadline));
  const info = await timed("boot-info", () => identify(rig, rom, deadline));
  await timed("clock-set", () => setWorkingRate(rig, rom, info, deadline));
  const jedec = await timed("set-para", () => setUpFlash(rom, info, deadline));
  return { rig, rom, info, jedec };
}

/** Measures stages on the deadline's clock and tells the observer of those that succeed. */
export function stopwatch({ clock }: Deadline, observer: Observer) {
  return async <T>(stage: string, work: () => Promise<T>, bytes?: number): Promise<T> => {
    const start = clock.now();
    const result = await work();
    observer.stage({ stage, ms: clock.now() - start, ...(bytes !== undefined && { bytes }) });
    return result;
  };
}

async function identify({ name, chipId }: Rig, rom: BootRom, deadline: Deadline): Promise<BootInfo> {
  const info = decodeBootInfo((await rom.request("getBootInfo", {}, deadline)).data);
  if (chipId === undefined || chipId === info.chipId) return info;
  throw new HarnessError("WRONG_MODULE", `${name}: expected the module ${chipId}, found ${info.chipId}`);
}

async function setWorkingRate(rig: Rig, rom: BootRom, info: BootInfo, deadline: Deadline): Promise<void> {
  const baud = rig.loadBaud === "auto" ? VENDOR_BAUD : rig.loadBaud;
  if (info.romVersion !== ROM_A0) await rom.request("setTimeout", { ms: IDLE_TIMEOUT_MS }, deadline);
  await rom.request("clockSet", { irq: 1, baud, clock: new Uint8Array() }, deadline);
  await rig.wire.setBaud(baud, deadline);
  await deadline.sleep(BAUD_SETTLE_MS);
}

async function setUpFlash(rom: BootRom, info: BootInfo, deadline: Deadline): Promise<JedecId> {
  const word = flashWord(info.flashPin);
  await rom.request("flashSetPara", { word, parameters: new Uint8Array() }, deadline);
  return decodeJedec((await rom.request("flashReadJedec", {}, deadline)).id);
}
