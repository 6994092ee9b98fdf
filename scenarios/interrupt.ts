import {
  CAUSES,
  type Cause,
  type Firmware,
  type Moment,
  momentsOf,
  needsOf,
  newestOf,
  plannedOf,
  scenario,
  tellMoment,
} from "../harness/run/index.js";

/**
 * A flash that is interrupted, at any stage and by whatever a bench can do to it, never costs a module: the recovery ladder
 * leads back to a session, the same firmware goes in again and boots. Which rung it takes, and what the interruption has
 * left in the flash, is recorded.
 */
export default scenario({
  name: "interrupt",
  tags: ["brick"],
  needs: ["sacrificial", "lines"],
  ladder: 8,
  // An erase that is not answered is waited for 100 s, each time that it is tried.
  timeoutMs: 1_800_000,
  lazy: true,
  parameters: ({ firmwares }) => newestOf(firmwares).flatMap(casesOf),
  async run({ interrupt, bringBack }, { firmware, by }) {
    // Where it could not be listed by its moments: this says why.
    if (by === undefined) return void firmware.plan();
    await bringBack(firmware, await interrupt(firmware, by));
  },
});

interface Interruption {
  readonly moment: Moment;
  readonly cause: Cause;
}

function casesOf(firmware: Firmware) {
  const plan = plannedOf(firmware);
  if (plan === undefined) return [caseOf(firmware, undefined)];
  return momentsOf(plan).flatMap((moment) => CAUSES.map((cause) => caseOf(firmware, { moment, cause })));
}

function caseOf(firmware: Firmware, by: Interruption | undefined) {
  const told = by === undefined ? "" : ` ${tellMoment(by.moment)} by ${by.cause}`;
  const needs = by === undefined ? [] : needsOf(by.cause);
  return { label: `${firmware.label}${told}`, before: firmware, after: firmware, needs, firmware, by };
}
