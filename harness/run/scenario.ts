import type { Expect } from "expect";
import type { StrapPoint, StrapTiming } from "../base/strap-timing.js";
import type { Deadline } from "../base/time.js";
import type { ArmedFaults, FaultOrders } from "../base/wire.js";
import type { BroughtBack } from "../brick/back.js";
import type { Interrupted, Interruption } from "../brick/interrupt.js";
import type { BootPlace } from "../firmware/boots-from.js";
import type { FlashSet } from "../firmware/package.js";
import type { Plan } from "../flash/plan.js";
import type { BootProof, Expected } from "../flash/prove.js";
import type { BootRom } from "../session/rom.js";
import type { Session } from "../session/session.js";
import type { Start } from "../session/strap.js";

export type Profile = Expected["profile"];

/** A firmware of the package, not yet read: a package may hold a broken one that no case asks for. */
export interface Firmware {
  readonly profile: Profile;
  readonly version: string;
  /** `t01@2.0.106` */
  readonly label: string;
  /** Its files. @throws HarnessError what is wrong with them; the same each time. */
  load(): FlashSet;
  /** Its plan, checked. @throws HarnessError IMAGE_INVALID, PLAN_INVALID. */
  plan(): Plan;
}

/** What cases can be made of. */
export interface Matrix {
  /** The chosen profiles and versions, ordered by profile, then version. mfg is among them only when it was asked for. */
  readonly firmwares: readonly Firmware[];
  /** The strap sequences of a sweep. Default: none but the rig's own. */
  readonly strapTimings?: readonly StrapTiming[] | undefined;
}

/** One case's parameter. `label` is its part of the case's name: stable from night to night, ASCII. */
export interface Parameter {
  readonly label: string;
  /** The firmwares that the case programs, in order: they become properties of the report. Default: `before` and `after`. */
  readonly firmwares?: readonly Firmware[];
  /** What the module must run when the case begins. The runner sees to it, and orders cases so that it seldom has to. */
  readonly before?: Firmware;
  /** What is on the module once the case has passed: the last that it flashed. With both, the case is an edge from one to the other. */
  readonly after?: Firmware;
  /** Beside those of the scenario, of this case alone: a suite may take some of its cases. */
  readonly tags?: readonly string[];
  /** Likewise. */
  readonly needs?: readonly Need[];
}

/**
 * What a rig must have; a case goes to a rig that has it, and is skipped where none does. `lines`: the rig drives BOOT and
 * CHIP_EN; `power`: it has a power switch; `ready`: an input for SPI_RDY; `sim`: it is simulated; `faults`: it makes faults to
 * order, as simulated ones do; `sacrificial`: its module may be lost, as a simulated one or by its label; else one of its labels.
 */
export type Need = string;

export interface Limits {
  readonly min?: number;
  readonly max?: number;
}

/** Bytes and where they go, by a name for messages. */
export interface Contents {
  readonly name: string;
  readonly address: number;
  readonly bytes: Uint8Array;
}

export interface FlashOptions {
  /** One that is open, in place of a new one. */
  readonly session?: Session | undefined;
  /**
   * Asks for hashes first, erases and sends what differs alone, and ends with the same flash: for what a case begins with,
   * and none for a claim about flashing. Default: false.
   */
  readonly delta?: boolean | undefined;
}

/**
 * Where an update is broken off: `afterMs` into the chunk that holds this byte of the file, or behind the OK that announces the
 * restart; and by what: the host dies, or CHIP_EN or the supply drops and comes back.
 */
export type UpdateBreak = ({ readonly byte: number } | { readonly finished: true }) & {
  readonly afterMs: number;
  readonly cause: "host" | "chip-en" | "power";
};

/** What a scenario works with. Everything slow ends with the case's deadline by itself. */
export interface Bench {
  readonly deadline: Deadline;
  /** Numbers from 0 to 1, the same for the same seed and case. */
  readonly random: () => number;
  readonly expect: Expect;
  /** Names a part of the scenario; the report shows which one failed. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Records a value with its unit. @throws HarnessError LIMIT_EXCEEDED when it is outside of its limits. */
  measure(name: string, value: number, unit: string, limits?: Limits): void;
  /** Keeps a file with the run, under the case's folder. */
  attach(name: string, content: string | Uint8Array): void;
  note(message: string): void;
  /** Ends the case as skipped. */
  skip(reason: string): never;
  /** Straps the module and greets its ROM. `start: "application"` leaves BOOT released on purpose. */
  enterRom(start?: Start): Promise<BootRom>;
  /**
   * The ROM at the working rate with its flash set up; nothing is erased or written, unless trouble leads up to the rungs of
   * the ladder that do.
   *
   * @param ladder no rung above it: less than the scenario's.
   */
  openSession(ladder?: number): Promise<Session>;
  /**
   * The same without BOOT: a reset under a stream of 0x55, which boot2 answers by going to the ROM. A session that is
   * opened afterwards comes by the strap again.
   *
   * @throws HarnessError NOT_IN_ROM where no boot2 answers.
   */
  enterThroughBoot2(): Promise<Session>;
  /**
   * Programs a firmware as the vendor's ini says and verifies every file by its hash. The module stays in its ROM.
   *
   * @param how a session that is open, in place of a new one; or that and more.
   */
  flash(firmware: Firmware, how?: Session | FlashOptions): Promise<void>;
  /**
   * Writes bytes as they are and verifies each part by its hash: whether they are an image, and one of this module, is not
   * looked at. What lies beside a part in its sectors is lost with `erase: "needed"`, the default; `none` wants blank cells.
   *
   * @throws HarnessError NOT_SACRIFICIAL with nothing sent, on a rig that is neither simulated nor labelled `sacrificial`;
   * MODULE_UNLOCKED before anything is erased, on a module that is not locked, where the rig does not allow it.
   */
  overwrite(parts: readonly Contents[], options?: { readonly erase?: "needed" | "chip" | "none" }): Promise<void>;
  /** Erases every sector that a range touches; it is blank afterwards. @throws HarnessError NOT_SACRIFICIAL as `overwrite`. */
  erase(address: number, length: number): Promise<void>;
  /** Boots normally and compares the banner with the firmware that must run. A boot that cannot be seen is noted, and passes. */
  boot(expected?: Expected): Promise<BootProof>;
  /** SHA-256 of a range of flash, as the module computes it. */
  hash(session: Session, address: number, length: number): Promise<string>;
  read(session: Session, address: number, length: number): Promise<Uint8Array>;
  /**
   * Flashes once, without any retry, and interrupts it. What is left is for `bringBack`. @throws HarnessError MOMENT_MISSED
   * when what was to interrupt it never came.
   */
  interrupt(firmware: Firmware, by: Interruption): Promise<Interrupted>;
  /**
   * Brings an interrupted module back by the recovery ladder, tells what was left in its flash, flashes the firmware again
   * and boots it. @throws HarnessError MODULE_BRICKED when nothing helped.
   */
  bringBack(firmware: Firmware, interrupted: Interrupted): Promise<BroughtBack>;
  /** How the recovery ladder ended, each time that it was climbed in this case. */
  recovered(): readonly Recovery[];
  /**
   * Tries one strap sequence on a module that was seen to run its application, once: the lines and the burst at these times,
   * by default the rig's own. What comes of it is recorded, and is no verdict.
   *
   * @throws HarnessError ROM_UNASKED, BOOT_UNSEEN, BOOT_REJECTED or NOT_IN_ROM where nothing can be told from it; STRAP_UNCLEAR.
   */
  tryStrap(timing?: StrapTiming): Promise<StrapPoint>;
  /**
   * One AT command to the firmware that was booted or restarted, over SPI, and its answer's lines before OK.
   *
   * @throws HarnessError AT_FORBIDDEN for what burns, writes or wipes; SPI_MISSING on a rig without; AT_ERROR, AT_TIMEOUT and more.
   */
  at(command: string): Promise<readonly string[]>;
  /**
   * Starts the firmware anew and waits for its `ready` over SPI. `readyMs`: from CHIP_EN to SPI_RDY.
   *
   * @param withinMs by default the rig's `timing.bootMs`; behind an update boot2 may have to expand it first.
   * @throws HarnessError BOOT_NOT_READY, and the errors of a frame.
   */
  restart(withinMs?: number): Promise<{ readonly readyMs: number }>;
  /**
   * Brings the running firmware to another one of its profile, over the air, and proves what runs then, and from where.
   *
   * @throws HarnessError OTA_UNSUITABLE and others before anything is sent; OTA_REFUSED; OTA_NOT_APPLIED.
   */
  update(
    firmware: Firmware,
    kind: "raw" | "xz",
  ): Promise<{ readonly before: BootPlace; readonly after: BootPlace; readonly readyMs: number | undefined }>;
  /**
   * Hands the running firmware any bytes as an update; nobody but the module judges them. @throws HarnessError
   * NOT_SACRIFICIAL as `overwrite`; OTA_REFUSED, which may be what is wanted.
   */
  offerUpdate(file: { readonly name: string; readonly bytes: Uint8Array }): Promise<void>;
  /** Begins an update and breaks it off. What is left is for `boot`. @throws HarnessError NOT_SACRIFICIAL as `overwrite`. */
  breakUpdate(firmware: Firmware, kind: "raw" | "xz", by: UpdateBreak): Promise<void>;
  /** Faults to order, until they are taken back or the case ends. @throws HarnessError SCENARIO_INVALID on a rig without them. */
  arm(orders: FaultOrders): ArmedFaults;
}

/** `ok after retry` or `recovered` by this rung; or `bricked`. */
export interface Recovery {
  readonly state: string;
  readonly rung: number;
}

/** A claim about the module. Its `run` uses the bench it is given and throws when the claim does not hold. */
export interface Scenario<P extends Parameter = Parameter> {
  readonly name: string;
  readonly tags?: readonly string[];
  readonly needs?: readonly Need[];
  /** Longest that a case may take, safe state not counted; `--timeout` overrides it. Default 10 minutes. */
  readonly timeoutMs?: number;
  /**
   * The highest rung of the recovery ladder, 0 to 8. Default 5. From 7 on the flash is lost: only on a rig whose module may be
   * lost, and 8 only with a reference firmware at hand; else it ends below.
   */
  readonly ladder?: number;
  /**
   * To tell its cases takes time. Where suites or tags are asked for, and none of these is the scenario's own, nobody asks
   * it, whatever tags its parameters have.
   */
  readonly lazy?: boolean;
  /** One case for each parameter; without it there is one case, named as the scenario. */
  readonly parameters?: (matrix: Matrix) => Iterable<P>;
  run(bench: Bench, parameter: P): Promise<void>;
}

/** Checks a scenario's types where it is written. */
export const scenario = <P extends Parameter = Parameter>(definition: Scenario<P>): Scenario<P> => definition;

/** Thrown by `bench.skip`. */
export class Skipped extends Error {
  override readonly name = "Skipped";
}
