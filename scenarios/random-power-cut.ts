import { type Moment, needsOf, newestOf, type Plan, scenario } from "../harness/run/index.js";

/** A command of a write is at work for 11 to 38 ms in the logs of a module. */
const AT_WORK_MS = 11;

/**
 * Power that goes at any byte of a flash, or while the module is at work on it, leaves a module that comes back by the ladder,
 * is flashed again and boots. The byte is drawn by seed and name of the case, so in a campaign each cycle cuts elsewhere,
 * where the list of `interrupt` has no case. `chip-en` is the cut of a rig without a power switch.
 *
 * In `stress`: each cycle loses its session, so `ok after retry` and `recovered` are how a good module ends here; with which
 * rung is what the campaign counts. What must not come is `bricked`: hence `--count bricked`. A cut that never came is
 * MOMENT_MISSED, ours, and no cycle that went well.
 */
export default scenario({
  name: "random-power-cut",
  tags: ["stress"],
  needs: ["sacrificial", "lines"],
  ladder: 8,
  // An erase that is not answered is waited for 100 s, each time that it is tried.
  timeoutMs: 1_800_000,
  parameters: ({ firmwares }) =>
    newestOf(firmwares).flatMap((firmware) =>
      (["power", "chip-en"] as const).map((cause) => ({
        label: `${firmware.label} by ${cause}`,
        before: firmware,
        after: firmware,
        needs: needsOf(cause),
        cause,
      })),
    ),
  async run({ interrupt, bringBack, random }, { after, cause }) {
    const moment = anywhere(after.plan(), random);
    await bringBack(after, await interrupt(after, { moment, cause }));
  },
});

/** Each byte on the line that belongs to a file is as likely; half of the cuts come once its command has left. */
function anywhere({ steps }: Plan, random: () => number): Moment {
  const bytesOf = new Map<string, number>();
  for (const step of steps)
    if (step.op === "write") bytesOf.set(step.file, (bytesOf.get(step.file) ?? 0) + step.payload.length);
  const total = [...bytesOf.values()].reduce((sum, bytes) => sum + bytes, 0);
  let at = Math.min(total - 1, Math.floor(random() * total));
  const late = random() < 0.5 ? { lateMs: random() * AT_WORK_MS } : {};
  for (const [file, bytes] of bytesOf) {
    // From the middle of the byte, no rounding leads into another one.
    if (at < bytes) return { stage: "write", file, percent: (100 * (at + 0.5)) / bytes, ...late };
    at -= bytes;
  }
  // A plan that writes nothing: the moment never comes, which is told.
  return { stage: "write", file: "", percent: 0 };
}
