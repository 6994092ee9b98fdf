import { newestOf, scenario } from "../harness/run/index.js";
import { refusedWith } from "./parts/wrong.js";

/** Below the rung that erases. */
const BELOW_ERASE = 6;

/**
 * Modules were reported that take T01 once and answer no set-para after it, until the whole chip is erased. With a module
 * that is made to do so, T01 over T01 must show it, the whole-chip erase must cure it and nothing below it may; T02 over T02
 * must show nothing of it.
 */
export default scenario({
  name: "t01-quirk",
  tags: ["brick"],
  needs: ["faults"],
  ladder: 8,
  parameters: ({ firmwares }) =>
    newestOf(firmwares.filter(({ profile }) => profile !== "mfg")).map((firmware) => ({
      label: firmware.label,
      after: firmware,
      firmware,
    })),
  async run({ arm, flash, boot, openSession, recovered, step, expect }, { firmware }) {
    arm({ quirks: { t01Reflash: true } });
    // Whatever was there before may have needed a cure as well.
    await flash(firmware);
    await boot(firmware);
    const before = recovered().length;
    const showsIt = firmware.profile === "t01";
    await step(showsIt ? "set-para is silent, below the erase" : "set-para is answered", async () => {
      const opening = openSession(BELOW_ERASE);
      if (showsIt) await refusedWith("SET_PARA_SILENT", "set-para of a module with the quirk", opening);
      else await opening;
    });
    expect(recovered().slice(before)).toEqual([]);
    await flash(firmware);
    expect(recovered().slice(before)).toEqual(showsIt ? [{ state: "recovered", rung: 7 }] : []);
    await boot(firmware);
  },
});
