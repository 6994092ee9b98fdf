import type { Stage } from "./evidence.js";

/** The codes of the vendor's tool by the stage at which it prints them; those about making images are never met here. */
const STAGE_OF: Readonly<Record<string, Stage>> = {
  "0001": "handshake",
  "0002": "config",
  "0003": "handshake",
  "0009": "port",
  "000A": "boot-info",
  "000B": "config",
  "000C": "clock-set",
  "000D": "clock-set",
  "0020": "efuse",
  "0021": "efuse",
  "0022": "efuse",
  "0023": "boot-info",
  "0024": "efuse",
  "0025": "boot-info",
  "0030": "jedec",
  "0031": "jedec",
  "0032": "jedec",
  "0033": "erase",
  "0034": "erase",
  "0035": "read",
  "0036": "write",
  "0037": "write-check",
  "0038": "verify",
  "0039": "verify",
  "003A": "verify",
  "003B": "set-para",
  "003D": "jedec",
  "003E": "verify",
  "0040": "config",
  "0042": "erase",
  "0043": "jedec",
  "0044": "config",
  "0045": "config",
  "0051": "boot-info",
};

/** Where the tool was. It says 0050 of a handshake and of all that follows it until the flash. `undefined`: the code names none. */
export const stageOfError = (code: string, greeted: boolean): Stage | undefined =>
  code === "0050" ? (greeted ? "boot-info" : "handshake") : STAGE_OF[code];
