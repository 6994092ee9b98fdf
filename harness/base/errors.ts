/**
 * Who an error is held against. `module` and `firmware` fail a case, `operator` aborts it,
 * everything else breaks it: a fault of ours never counts against what is under test.
 */
export type Blame = "module" | "firmware" | "link" | "rig" | "config" | "harness" | "operator" | "unknown";

/** Every error of the harness: whom it is held against, and what the person at the bench does next. */
export const ERRORS = {
  USAGE: { blame: "config", advice: "The command's `--help` tells what it takes." },
  FILE_UNREADABLE: { blame: "config", advice: "Check that the path exists and may be read." },
  FILE_UNWRITABLE: { blame: "config", advice: "Check that the folder exists, may be written and is not full." },
  RIG_INVALID: { blame: "config", advice: "Correct the fields named above in the rig file or in --set." },
  DRIVER_MISSING: { blame: "config", advice: "Choose another driver in the rig file." },
  SIM_STATE_INVALID: {
    blame: "config",
    advice: "Delete the state file to start with a new module, or name another one.",
  },
  PACKAGE_INVALID: {
    blame: "config",
    advice: "Name the NCP_Binaries folder, unpacked together with its LittleFS folder.",
  },
  FIRMWARE_NOT_FOUND: { blame: "config", advice: "Choose one of the profiles and versions listed above." },
  INI_INVALID: { blame: "config", advice: "Compare with the ini files of the vendor's package." },
  EFUSE_FILE_INVALID: {
    blame: "config",
    advice: "Name a file of fuses: a container of 4608 bytes, or the raw first 16 to 512 bytes of the fuse map.",
  },
  PLAN_INVALID: { blame: "config", advice: "Correct the addresses or the erase mode in the ini file." },
  SCENARIO_INVALID: {
    blame: "config",
    advice: "A scenario file exports one scenario({ name, run }) as its default; see the README.",
  },
  SCENARIO_THREW: {
    blame: "harness",
    advice: "The scenario's own code threw this: look at the file and line. Nothing is held against the module.",
  },
  SCENARIO_EXITED: {
    blame: "harness",
    advice: "A scenario returns or throws: process.exit and signals for its own process are not for it.",
  },
  LANE_LOST: {
    blame: "unknown",
    advice:
      "The process that ran the case ended from outside, or ran out of memory: see the lane's log in the run's folder.",
  },
  RUN_UNREADABLE: { blame: "config", advice: "Name the folder of a run: the one that holds events.jsonl." },
  TRACE_UNREADABLE: {
    blame: "config",
    advice: "Name a trace: a file that --trace wrote, or trace.jsonl in the folder of a case of a run.",
  },
  TRACE_DIFFERS: {
    blame: "harness",
    advice:
      "The trace and this program do not say the same: `st67-hil trace show` tells what was recorded there. Another version may have recorded it.",
  },
  RUN_CHANGED: {
    blame: "config",
    advice:
      "Begin a new run; or put the firmware, the scenarios and the rigs back as they were, and go on with this one.",
  },
  QUARANTINE_INVALID: {
    blame: "config",
    advice: "Correct the entries named above: a list of case, reason and expiry, the last day as 2026-12-31.",
  },
  MODULE_UNLOCKED: {
    blame: "config",
    advice:
      "A signed image may lock an unlocked module for good. Set allow.unlocked in the rig file only for a module you may lose.",
  },
  KEY_FOREIGN: {
    blame: "config",
    advice: "The module boots only what was signed with its own key: choose a package of this module's maker.",
  },
  ROLLBACK_REFUSED: {
    blame: "config",
    advice: "The module's fuses forbid firmware that is older than this: choose a newer one.",
  },
  NOT_SACRIFICIAL: {
    blame: "config",
    advice:
      'Wrong contents are for a module that may be lost: a simulated one, or one of a rig with labels: [sacrificial]. The scenario says needs: ["sacrificial"].',
  },
  BURN_REFUSED: {
    blame: "config",
    advice:
      "Fuses are burned by `st67-hil flash --efuse FILE --burn-efuse --chip-id ID` alone, on a rig that allows it.",
  },
  RECOVERY_REFUSED: {
    blame: "config",
    advice: "Name reference: { profile, fwVersion } in the rig file, and --firmware with its package; or a lower rung.",
  },
  WRONG_MODULE: {
    blame: "config",
    advice: "Put the module named in the rig file on the bench, or correct module.chipId.",
  },
  FLASH_UNREACHED: {
    blame: "module",
    advice:
      "The boot ROM does not reach its flash. Cut the module's power and try again; if it stays, the flash or its supply is broken.",
  },
  FLASH_NOT_BLANK: {
    blame: "config",
    advice:
      "Programming only clears bits. Let the sectors be erased (--erase needed, or erase = 1 in the ini), or erase the range first.",
  },
  FLASH_TOO_SMALL: { blame: "config", advice: "Check that this package is meant for this module." },
  PARTITION_INVALID: { blame: "firmware", advice: "Fetch the package again; if it persists, report it to its maker." },
  IMAGE_INVALID: {
    blame: "firmware",
    advice: "Fetch the package again; if it persists, report it to its maker. With --raw bytes are taken as they are.",
  },
  NOT_IN_ROM: {
    blame: "rig",
    advice:
      "Check the wires of BOOT and CHIP_EN: BOOT must be high when CHIP_EN rises. Then check the module's RX: it did not hear us.",
  },
  ROM_UNASKED: {
    blame: "rig",
    advice:
      "A module without a boot loader waits in its ROM: program a firmware first. If it has one, BOOT is held high: look at its wire.",
  },
  BOOT_UNSEEN: {
    blame: "rig",
    advice:
      "Set bootProof in the rig file to what this rig can observe of this firmware: banner, ready, at, or none. With none a reset cannot be told from nothing.",
  },
  STRAP_UNCLEAR: {
    blame: "unknown",
    advice:
      "See the bytes in the details and in the case's trace. SPI_RDY (straps.ready, bootProof) would tell a reset.",
  },
  LINE_ECHOES: {
    blame: "rig",
    advice:
      "Likely causes in order: 1. TX and RX touch each other: a bridge of solder, a jumper, a wire in the wrong hole. " +
      "2. The adapter is set to loopback, or works on one wire (half duplex) and echoes: switch that off, or use another. " +
      "3. The module's TX is not connected, and the host's RX picks up its own TX.",
  },
  CONTROL_FAILED: {
    blame: "rig",
    advice:
      "A firmware that is known to be good failed as well, so nothing is held against the candidate: look at the module, its supply, the adapter and the wires.",
  },
  RIG_UNFIT: { blame: "rig", advice: "`st67-hil doctor --rig FILE` shows every check of the rig, with what to do." },
  RIG_BUSY: { blame: "rig", advice: "Wait for it with --wait, or end the process that uses it." },
  PORT_UNAVAILABLE: {
    blame: "rig",
    advice: "Check serial.path in the rig file, that the adapter is plugged in, and that nothing else uses the port.",
  },
  PORT_LOST: {
    blame: "rig",
    advice: "Plug the adapter in again. If it happens under load, look at its cable, its hub and its power supply.",
  },
  RATE_REFUSED: {
    blame: "rig",
    advice: "Use an adapter or a UART that makes this rate, or lower serial.loadBaud in the rig file.",
  },
  TERMINAL_MISSING: {
    blame: "config",
    advice: "Start it in a terminal, or use a rig that drives its lines by itself.",
  },
  GPIO_NOT_FOUND: {
    blame: "config",
    advice:
      "Correct the line in the rig file: { bcm } on a Raspberry Pi, else { chip, offset } with one of the chips above.",
  },
  GPIO_UNAVAILABLE: { blame: "rig", advice: "Check that the line is free and that this user may use it." },
  LINES_NOT_DRIVEN: { blame: "rig", advice: "Use a rig that drives BOOT and CHIP_EN, or set the lines by hand." },
  COMMAND_TIMEOUT: {
    blame: "link",
    advice: "Check that the adapter carries the working baud (serial.loadBaud), its cable and its ground.",
  },
  COMMAND_DAMAGED: {
    blame: "link",
    advice: "Bytes are damaged on the line: lower serial.loadBaud, look at the cable and at the ground lead.",
  },
  REPLY_MALFORMED: {
    blame: "link",
    advice: "Lower serial.loadBaud; if it persists, look at the ground lead and at TX and RX.",
  },
  BOOT_INFO_CORRUPT: {
    blame: "link",
    advice: "Bytes are damaged on the line: look at the cable, the ground lead and the adapter.",
  },
  LINK_TOO_SLOW: {
    blame: "link",
    advice:
      "Likely causes in order: 1. The UART or the adapter does not make this rate (many end at about 1 MBd): use one that does, or set serial.loadBaud to auto or to a lower rate. " +
      "2. The cable or the ground: shorten the wires, and lay a ground lead beside TX and RX.",
  },
  SET_PARA_SILENT: {
    blame: "module",
    advice:
      "`st67-hil erase --whole-chip` has cured modules that went silent like this after a T01; it erases everything.",
  },
  ERASE_SILENT: {
    blame: "module",
    advice:
      "The boot ROM answers on the same line, and says nothing to an erase: its flash does not finish. Cut the module's power and try again; if it stays, the flash or its supply is broken: put another module on the rig.",
  },
  COMMAND_REFUSED: { blame: "module", advice: "The chip gave a reason: see `status` in the details." },
  MODULE_BRICKED: {
    blame: "module",
    advice:
      "Nothing that a host can do brought it back: see what was tried. Look at its supply and its lines once more, then put another module on the rig.",
  },
  VERIFY_MISMATCH: {
    blame: "module",
    advice: "Erase and program once more; a second mismatch at the same place is a bad sector.",
  },
  BOOT_SILENT: {
    blame: "firmware",
    advice: "The flash holds the right bytes, yet no banner came. If this firmware prints none, set bootProof: [none].",
  },
  BOOT_REJECTED: {
    blame: "firmware",
    advice: "The number that boot2 gave, `reason` in the details, says what it holds against the image.",
  },
  BOOT_NOT_READY: {
    blame: "firmware",
    advice: "If other firmwares raise SPI_RDY on this rig, this one does not start; if none does, check straps.ready.",
  },
  BOOT_UNEXPECTED: {
    blame: "firmware",
    advice: "Another firmware runs than was programmed: check the second partition table at 0xF000.",
  },
  SPI_MISSING: {
    blame: "config",
    advice: "This rig has no SPI to the module: docs/pi.md tells the wires, and `spi` in the rig file names them.",
  },
  SPI_FAILED: {
    blame: "rig",
    advice: "Check the device of spi.path, its overlay, and who may open it: `st67-hil doctor` tells.",
  },
  SPI_NO_ANSWER: {
    blame: "rig",
    advice:
      "SPI_RDY says that the module speaks, and MISO does not move: check MISO, SCK and CS, and whether BOOT was low at the reset.",
  },
  SPI_FRAME_INVALID: {
    blame: "link",
    advice: "Lower spi.speedHz, shorten the wires, and check that nobody else selects the module.",
  },
  NCP_NOT_READY: {
    blame: "firmware",
    advice:
      "If other firmwares raise SPI_RDY for a command on this rig, this one hangs or was not started; if none does, check CS and straps.ready.",
  },
  NCP_STUCK: {
    blame: "module",
    advice: "SPI_RDY does not fall behind a frame: reset the module; if it stays, check straps.ready for a short.",
  },
  NCP_STALLED: { blame: "module", advice: "The firmware takes nothing any more: reset the module and read its UART." },
  NCP_OUTDATED: {
    blame: "firmware",
    advice: "The module lives, and speaks the transport of a factory firmware: flash a released one over the UART.",
  },
  NCP_RESET: {
    blame: "firmware",
    advice: "The firmware crashed, its watchdog struck or its supply dipped: its UART tells which (`chip boot`).",
  },
  AT_TIMEOUT: { blame: "firmware", advice: "The firmware took the command and did not answer: reset it and ask `AT`." },
  AT_ERROR: {
    blame: "firmware",
    advice: "The firmware answered ERROR: see whether this profile and version know the command.",
  },
  AT_MALFORMED: {
    blame: "firmware",
    advice: "The answer is not of the form that ST's driver parses: see the details.",
  },
  AT_FORBIDDEN: {
    blame: "config",
    advice: "Commands that burn fuses, write the flash or wipe settings are never sent from here.",
  },
  OTA_UNSUITABLE: {
    blame: "config",
    advice: "Choose an update of the profile that runs, or flash the other one over the UART.",
  },
  OTA_REFUSED: { blame: "firmware", advice: "The running firmware did not take the update: see what it answered." },
  OTA_NOT_APPLIED: {
    blame: "firmware",
    advice: "The update was taken and another firmware runs: compare the partition tables at 0xE000 and 0xF000.",
  },
  EXPECTATION_FAILED: { blame: "module", advice: "The scenario's claim does not hold: compare expected and received." },
  LIMIT_EXCEEDED: { blame: "module", advice: "A measured value is outside of its limits." },
  CASE_TIMEOUT: { blame: "unknown", advice: "Raise --timeout, or see which step took the time." },
  RIG_NOT_SAFE: { blame: "rig", advice: "Put the lines into their safe state by hand before you touch the rig." },
  HISTORY_UNUSABLE: {
    blame: "config",
    advice:
      "Check that it and its folder are yours, may be written and are not full; --history FILE names another one.",
  },
  WEAR_BUDGET: {
    blame: "config",
    advice: "Put another module on the bench and its chip id into the rig file, or raise wear.eraseBudget there.",
  },
  RIG_RETIRED: {
    blame: "rig",
    advice: "Look at the rig: its lines, its wires, its power. Then `st67-hil rig readmit` tests it and takes it back.",
  },
  REDIS_UNUSABLE: {
    blame: "config",
    advice:
      "`st67-hil doctor --redis URL` checks the server: whether it answers, keeps what it has, and evicts nothing.",
  },
  FARM_REFUSED: {
    blame: "config",
    advice: "Bring the agents and whoever orders to one version of the program and of the scenario files.",
  },
  AGENT_LOST: {
    blame: "rig",
    advice: "Look at the agent's machine: its power, its network, and what its log says of `farm work`.",
  },
  RIG_LEASE_LOST: {
    blame: "rig",
    advice: "The agent stood still for longer than its lease: look at what else its machine does, and at its network.",
  },
  REPORT_FAILED: { blame: "harness", advice: "`st67-hil report RUN` writes the reports again from events.jsonl." },
  MOMENT_MISSED: {
    blame: "harness",
    advice:
      "What was to happen in the middle of the work never did, so nothing was tried: look whether the flash still goes the way that the case counts on.",
  },
  INTERNAL: { blame: "harness", advice: "This is a bug in st67-hil: please report it with events.jsonl." },
  ABORTED: { blame: "operator", advice: "Nothing to fix: it was stopped from outside." },
} as const satisfies Record<string, { blame: Blame; advice: string }>;

export type ErrorCode = keyof typeof ERRORS;

interface Options {
  readonly cause?: unknown;
  /** What a program may want to know: plain JSON values only. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Better advice than the table's, where the thrower knows more. */
  readonly advice?: string;
  readonly diagnosis?: readonly string[];
}

/** The one error class of the harness. Tell errors apart by `code`, never by message. */
export class HarnessError extends Error {
  override readonly name = "HarnessError";
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly advice: string;
  /** What the bytes on the wire tell of it, in three lines at most. */
  readonly diagnosis: readonly string[];

  constructor(code: ErrorCode, message: string, options: Options = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details ?? {};
    this.advice = options.advice ?? ERRORS[code].advice;
    this.diagnosis = options.diagnosis ?? [];
  }

  get blame(): Blame {
    return ERRORS[this.code].blame;
  }
}

/**
 * The errors that came together, in the order in which they happened: a clean-up that failed comes after what led to it.
 * (Of `await using` both arrive as one error, whose class is missing in Node 20.)
 */
export function unfolded(thrown: unknown): unknown[] {
  const told: unknown[] = [];
  // A scenario may throw what holds itself.
  const seen = new Set<unknown>();
  const stack = [thrown];
  while (stack.length > 0) {
    const error = stack.pop();
    const parts = partsOf(error);
    if (parts === undefined) told.push(error);
    else if (!seen.has(error)) for (const part of parts.toReversed()) stack.push(part);
    seen.add(error);
  }
  return told;
}

function partsOf(error: unknown): readonly unknown[] | undefined {
  if (error instanceof Error && "suppressed" in error && "error" in error) return [error.suppressed, error.error];
  return error instanceof AggregateError && Array.isArray(error.errors) ? error.errors : undefined;
}

/** `thrown`, the first of it, as one of ours: what we did not throw ourselves is a bug of ours. */
export function asHarnessError(thrown: unknown): HarnessError {
  const [error = thrown] = unfolded(thrown);
  if (error instanceof HarnessError) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new HarnessError("INTERNAL", message, { cause: error });
}

/** Why work was called off: `reason`, or the error that was made of it on the way out and tells more; not what failed because of it. */
export const reasonOf = (reason: unknown, thrown: unknown): unknown =>
  unfolded(thrown).find((error) => error instanceof HarnessError && error.cause === reason) ?? reason;
