import { changed, scenario } from "../harness/run/index.js";
import { BROKEN_UPDATES, bootsOneOf, newestStepsOf } from "./parts/updates.js";
import { leaveWith, refusedWith } from "./parts/wrong.js";

/**
 * A module that took an update over the air is flashed over its UART file by file: every hash is right, and the table that the
 * update left at 0xF000 starts the update's firmware. That must not pass for a good flash; a chip erase cures it.
 *
 * Not known of ST's boot2: see `stale-table`, which makes the same trap without an update.
 */
export default scenario({
  name: "ota-then-flash",
  ...BROKEN_UPDATES,
  parameters: (matrix) =>
    newestStepsOf(matrix).map(([before, to]) => ({
      label: `${before.label} -> ${to.label} -> ${before.label}`,
      firmwares: [before, to],
      before,
      after: before,
      to,
    })),
  async run(bench, { before, to }) {
    const { boot, update, flash, note, expect } = bench;
    await boot(before);
    await update(to, "raw");
    await flash(changed(before, "file by file", { erase: 1 }));
    // AT tells it to a rig that neither hears the banner nor asks.
    const booted = boot(before).then(() => bootsOneOf(bench, [before]));
    const caught = await refusedWith("BOOT_UNEXPECTED", `${before.label} under the table of an update`, booted);
    note(caught.message);
    expect(caught.details).toMatchObject({ found: { version: to.version } });
    await leaveWith(bench, before);
  },
});
