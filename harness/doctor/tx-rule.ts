import { notApplicable, passed, type Rule, warned } from "./check.js";
import { isPseudo } from "./port-rules.js";

/** Drivers of UARTs that have a break of their own, which holds TX low. Nobody has put a scope to it here. */
const BREAKS = ["uart-pl011", "bcm2835-aux-uart", "ftdi_sio", "cp210x", "pl2303"];
const RESISTOR =
  "A resistor of 1 k in the line from TX limits what gets through; a buffer that the module's supply feeds ends it.";

/** ST's advice of 2026-05: a host's TX that idles high can feed a module that is off. */
export const txIdle: Rule = {
  id: "tx-idle",
  expected: "TX low while the module's supply is off",
  judge: ({ config: { straps, safeState }, port }) => {
    if (straps.power === undefined) return notApplicable("this rig does not switch the module's supply");
    if (port?.name === undefined || isPseudo(port)) return notApplicable("no UART of this machine");
    const driver = port.driver ?? "unknown";
    if (!BREAKS.includes(driver))
      return warned(`the driver ${driver} is not known to hold TX low by a break`, RESISTOR);
    if (safeState.power === "on") return passed(`${driver}: held low by a break while the supply is off`);
    return warned(
      "safeState.power is off, and TX idles high as soon as the port is closed",
      `Set it to on. ${RESISTOR}`,
    );
  },
};
