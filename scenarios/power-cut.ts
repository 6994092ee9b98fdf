import {
  type Firmware,
  type FlashOperation,
  newestOf,
  operationsOf,
  plannedOf,
  scenario,
} from "../harness/run/index.js";

/**
 * Power that goes in the middle of any erase or program of a flash leaves a module that comes back. On the simulated module
 * none is left out: one case for each state of the flash that such a cut can leave.
 */
export default scenario({
  name: "power-cut",
  tags: ["brick"],
  needs: ["faults"],
  ladder: 8,
  // An erase that is not answered is waited for 100 s, each time that it is tried.
  timeoutMs: 1_800_000,
  lazy: true,
  parameters: ({ firmwares }) => newestOf(firmwares.filter(({ profile }) => profile === "t01")).flatMap(casesOf),
  async run({ interrupt, bringBack }, { firmware, cut }) {
    // Where it could not be listed by its operations: this says why.
    if (cut === undefined) return void firmware.plan();
    const { stage, nth } = cut;
    const faults = [{ at: { stage, nth, fraction: 0.5 }, do: "cutPower" }];
    await bringBack(firmware, await interrupt(firmware, { faults }));
  },
});

function casesOf(firmware: Firmware) {
  const plan = plannedOf(firmware);
  if (plan === undefined) return [caseOf(firmware, undefined)];
  const cuts = operationsOf(plan).filter(({ changes }) => changes);
  return cuts.map((cut) => caseOf(firmware, cut));
}

function caseOf(firmware: Firmware, cut: FlashOperation | undefined) {
  const told = cut === undefined ? "" : ` ${cut.stage} ${cut.nth}`;
  return { label: `${firmware.label}${told}`, before: firmware, after: firmware, firmware, cut };
}
