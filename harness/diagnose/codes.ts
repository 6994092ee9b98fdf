import { ERRORS, type ErrorCode } from "../base/errors.js";

/** Causes that no error of ours has: what only the vendor's tool does, or what only a log as a whole shows. */
const OWN = {
  WIRES_OPEN:
    "Check TX and RX (each end's TX goes to the other's RX), ground, and the module's 3.3 V. A silent port may also be another device's.",
  NOISE_TAKEN:
    "The tool takes any byte O or K for the ROM's OK. A firmware was talking: hold BOOT high while CHIP_EN rises, and start again.",
  MODULE_LEFT_ROM:
    "The module was reset and runs its firmware, or lost its power: look at CHIP_EN (it has no pull-up in the module), at the supply, and strap it once more.",
  SESSION_LOST:
    "The ROM ends a session after some seconds of silence. Strap the module and start again, on a machine that is not busy.",
  BRIDGE_BUFFER:
    "A write is 2056 bytes in one piece, and small commands went through: give the bridge towards the module a buffer of at least that, or use a plain adapter.",
  ERASE_REFUSED: "Cut the module's power and try again; if it stays, the flash is write protected or broken.",
  WRITE_FAILED: "Erase the whole chip and program once more; if it fails at the same place, the flash there is broken.",
  FLASH_UNKNOWN:
    "The tool does not know this flash. The modules seen say c46016: look at the module, and use the tool of its own package.",
  WRONG_PACKAGE: "The image carries the parameters of another flash or chip: use the package of this module.",
  PLACEHOLDER_LEFT:
    "The ini still has the placeholder _vxxx, which the vendor's scripts fill in: write the version into it, or use `st67-hil flash --config INI --fw-version VERSION`.",
  NOTHING_WRITTEN:
    "The tool says success of a run that wrote no file. Name the ini with --config, and look whether it has sections with filedir and address.",
  FUSES_BURNED:
    "Fuses were written, and stay so. Run again without --efuse: a module that is locked does not need it, and one that is not is locked by it for good.",
  FUSES_REFUSED:
    "Leave --efuse away: a locked module does not need it. What was burned before the refusal stays; `st67-hil chip info` tells what it is now.",
  TOOL_FAILED: "The tool itself broke off: start it from its own folder, with full paths, and keep its whole output.",
  TOOL_NOT_EXECUTABLE: "The tool may not be executed: chmod +x QConn_Flash_Cmd-ubuntu.",
} as const;

/** Errors of ours whose advice speaks of a rig file: who has a log of the vendor's tool has none. */
const OF_ERRORS: Partial<Record<ErrorCode, string>> = {
  LINK_TOO_SLOW:
    "Use an adapter or a UART that carries 2 MBd (many end at about 1 MBd), shorten the wires, and lay a ground lead beside them. " +
    "`st67-hil chip info` tells a line that is too slow from a module that is silent.",
  SET_PARA_SILENT:
    "Cut the module's power and try again. If it stays silent: `st67-hil erase --whole-chip`, or the tool's own --erase --whole_chip, " +
    "has cured modules that went silent like this after a T01; it erases everything.",
  NOT_IN_ROM:
    "BOOT must be high when CHIP_EN rises: hold BOOT high, pulse CHIP_EN low for 100 ms, release BOOT after another 100 ms, then start the tool. " +
    "Check the wires of both (CHIP_EN has no pull-up in the module); on a rig that drives them, `st67-hil chip enter` does it.",
  COMMAND_DAMAGED: "Bytes are damaged on the line: shorten the cable, look at the ground lead, use another adapter.",
  COMMAND_TIMEOUT: "Check the adapter, its cable and its ground; then strap the module and start again.",
  COMMAND_REFUSED: "The chip gave a reason: the status in the line quoted.",
  MODULE_UNLOCKED:
    "The module is not locked, and refuses a signed image. --efuse would lock it for good: only for a module you may lose.",
};

export type CauseCode = ErrorCode | keyof typeof OWN;

/** What is done about it, where a rule knows nothing better. */
export const adviceFor = (code: CauseCode): string =>
  code in OWN ? OWN[code as keyof typeof OWN] : (OF_ERRORS[code as ErrorCode] ?? ERRORS[code as ErrorCode].advice);
