import type { ArgumentsCamelCase, Argv } from "yargs";
import { withRig } from "../../options/options.js";
import { onInterrupt, reportEnd } from "../../terminal/interrupt.js";
import { colors, print, printJson, tell } from "../../terminal/output.js";

/** Longest that opening the lines may take: sysfs needs a moment after an export. */
const OPEN_MS = 10_000;

export const options = (yargs: Argv) =>
  withRig(yargs).example("$0 rig safe --rig bench-1.yaml", "For instance as the machine starts: see rig install-units");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

/** Opens the lines alone, without the port, and leaves them at the levels of the rig file's `safeState`. */
export async function run({ rig, set, wait, json }: Args): Promise<number> {
  using interrupt = onInterrupt();
  try {
    const [{ loadRig }, { claim }, { resourcesOf }, { openLines }, { makeSafe }, { Deadline, SystemClock }] =
      await Promise.all([
        import("../../../../rigs/file/load.js"),
        import("../../../../rigs/guard/claim.js"),
        import("../../../../rigs/guard/lock.js"),
        import("../../../../rigs/lines/lone-lines.js"),
        import("../../../../rigs/lines/safe.js"),
        import("../../../base/time.js"),
      ]);
    const config = loadRig(rig, set);
    const { signal } = interrupt;
    const clock = new SystemClock();
    const patience = { wait, signal, clock, tell: (text: string) => tell(text, colors.yellow) };
    using _ = await claim(config.name, resourcesOf(config), patience);
    const deadline = Deadline.in(OPEN_MS, `${config.name}: opening its lines`, clock, signal, "RIG_NOT_SAFE");
    await using lines = await openLines(config, deadline);
    await makeSafe(lines, config, clock);
    const { boot, chipEn, power } = config.safeState;
    if (json) printJson({ rig: config.name, safeState: config.safeState });
    else print(`${config.name}: BOOT ${boot}, CHIP_EN ${chipEn}${config.straps.power ? `, power ${power}` : ""}`);
    return 0;
  } catch (error) {
    return reportEnd(interrupt, error, json);
  }
}
