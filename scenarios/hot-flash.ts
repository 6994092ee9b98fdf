import { HarnessError, newestOf, scenario } from "../harness/run/index.js";

/** A tenth of the time of a flash at the least is the module's own work; else it was no slower one, and nothing was shown. */
const LEAST = 1.1;

/**
 * A flash whose erases and programs take several times as long, as those of a hot or an old part do, is programmed like any
 * other: every wait of the host has room for it. It could break, since the waits are those of the vendor's tool and all
 * that is known of the times is from modules at room temperature. A host that waits too short sees silence, and calls it
 * COMMAND_TIMEOUT, never a fault of the module.
 */
export default scenario({
  name: "hot-flash",
  tags: ["stress"],
  needs: ["faults"],
  ladder: 8,
  timeoutMs: 1_800_000,
  parameters: ({ firmwares }) =>
    newestOf(firmwares).flatMap((firmware) =>
      [3, 10].map((slower) => ({
        label: `${firmware.label} ${slower} times slower`,
        before: firmware,
        after: firmware,
        slower,
      })),
    ),
  async run({ arm, openSession, flash, boot, deadline, recovered, measure, expect }, { after, slower }) {
    const timed = async () => {
      const climbed = recovered().length;
      // A module that needs rungs of the ladder to be opened needs them each time.
      const session = await openSession();
      const start = deadline.clock.now();
      await flash(after, session);
      return { ms: deadline.clock.now() - start, recovered: recovered().slice(climbed) };
    };
    const usual = await timed();
    arm({ flash: { slower } });
    const slow = await timed();
    measure("flash, as usual", usual.ms, "ms");
    measure(`flash, ${slower} times slower`, slow.ms, "ms");
    if (slow.ms < LEAST * usual.ms)
      throw new HarnessError(
        "MOMENT_MISSED",
        `a flash ${slower} times slower took ${slow.ms} ms, and ${usual.ms} ms before`,
      );
    expect(slow.recovered).toEqual(usual.recovered);
    await boot(after);
  },
});
