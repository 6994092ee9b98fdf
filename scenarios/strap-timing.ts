import { HarnessError, STRAP_SCENARIO, type StrapTiming, scenario } from "../harness/run/index.js";

/**
 * What a module takes for a strap: how short a reset, how late a BOOT, how early a burst. Each case tries one sequence and
 * records what came of it; that is a point of a map, not a claim. The claim is that the rig's own sequence leads into the ROM.
 */
export default scenario({
  name: STRAP_SCENARIO,
  tags: ["sweep"],
  needs: ["lines"],
  timeoutMs: 180_000,
  lazy: true,
  parameters: ({ strapTimings = [undefined] }) => {
    const sweep: Sweep = { isBegun: false };
    return strapTimings.map((timing) => ({ label: timing === undefined ? "" : labelOf(timing), timing, sweep }));
  },
  async run({ tryStrap, skip }, { timing, sweep }) {
    if (sweep.meaningless !== undefined) skip(sweep.meaningless);
    const { working, result, evidence } = await tryStrap(timing).catch((error: unknown) => {
      const isOfAll = !sweep.isBegun && error instanceof HarnessError && MEANINGLESS.includes(error.code);
      if (isOfAll) sweep.meaningless = error.message;
      throw error;
    });
    sweep.isBegun = true;
    if (working && result !== "success")
      throw new HarnessError("NOT_IN_ROM", `the rig's own strap sequence came to ${result}: ${evidence}`);
  },
});

/** What one case leaves for the others. */
interface Sweep {
  /** A point was judged: what goes wrong from then on is that point's own. */
  isBegun: boolean;
  /** Why there is nothing to be learned from any point. */
  meaningless?: string;
}

/** No point of the map would mean anything. */
const MEANINGLESS: readonly string[] = ["ROM_UNASKED", "BOOT_UNSEEN", "BOOT_REJECTED"];

const labelOf = ({ resetMs, setupMs, holdMs, delayMs }: StrapTiming): string =>
  `reset=${resetMs} setup=${setupMs} hold=${holdMs} delay=${delayMs}`;
