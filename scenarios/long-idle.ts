import {
  type Bench,
  type Firmware,
  HarnessError,
  type Interrupted,
  type Moment,
  newestOf,
  scenario,
} from "../harness/run/index.js";
import { differing, filesOf } from "./parts/hashes.js";

/** The ROM ends a session at the second idle time-out in a row, which we set to 10 s: below, between, and beyond both. */
const IDLE_SECONDS = [1, 15, 45];
const BELOW_ERASE = 6;

const MOMENTS: Readonly<Record<string, (firmware: Firmware) => Moment>> = {
  "in the firmware": (firmware) => {
    const { files, firmware: image } = firmware.load();
    const { section = "" } = files.find((each) => each.image?.name === image.name) ?? {};
    return { stage: "write", file: section, percent: 50 };
  },
  "before the verify": () => ({ stage: "hash" }),
};

/**
 * A host that is held up between two commands, by another process or a suspended machine, loses nothing. As long as the
 * session lasts it goes on as if nothing had been, and every file is verified. Once the ROM has ended the session by
 * itself, the host notices the silence, comes back, and finds what was written before it: that was acknowledged.
 *
 * That time-out and that the second one counts is known of sister chips alone; the simulator's knobs are `idleMs` and
 * `firstIdleEnds`. In `stress` the cycles beyond it end as `ok after retry`.
 */
export default scenario({
  name: "long-idle",
  tags: ["stress"],
  ladder: 8,
  timeoutMs: 1_800_000,
  parameters: ({ firmwares }) =>
    newestOf(firmwares).flatMap((firmware) =>
      IDLE_SECONDS.flatMap((seconds) =>
        Object.entries(MOMENTS).map(([where, momentOf]) => ({
          label: `${firmware.label} ${seconds} s ${where}`,
          before: firmware,
          after: firmware,
          idleMs: seconds * 1000,
          momentOf,
        })),
      ),
    ),
  async run(bench, { after, idleMs, momentOf }) {
    const idle = { moment: momentOf(after), idleMs };
    const { interrupt, bringBack, boot, note, step, expect } = bench;
    let interrupted = await interrupt(after, idle);
    if (lasts(interrupted, idleMs) && isSilence(interrupted)) {
      note("the session should have lasted: brought back, and tried once more, since the line may be silent once");
      await bringBack(after, interrupted);
      interrupted = await interrupt(after, idle);
    }
    const { ended, by, session } = interrupted;
    if (session !== undefined) {
      expect(await step("all files, once more", () => differing(bench, session, filesOf(after)))).toEqual([]);
      return void (await boot(after));
    }
    if (lasts(interrupted, idleMs)) throw lost(by, interrupted);
    // It has not been silence: what went wrong is no session that has ended.
    if (!isSilence(interrupted)) throw ended;
    await comeBack(bench, after, interrupted, idle.moment);
  },
});

/** Whether the host counts on the session for so long. */
const lasts = ({ entered }: Interrupted, idleMs: number): boolean =>
  entered !== undefined && idleMs < entered.rom.safeMs;

const isSilence = ({ ended }: Interrupted): boolean =>
  ended instanceof HarnessError && ended.code === "COMMAND_TIMEOUT";

/** Twice: it is no chance. What the module itself has said stays what it is. */
function lost(by: string, interrupted: Interrupted): unknown {
  const { ended } = interrupted;
  if (!(ended instanceof HarnessError) || !isSilence(interrupted)) return ended;
  const what = `${by}: expected the session to last, since it ends at the second idle time-out in a row`;
  return new HarnessError("EXPECTATION_FAILED", `${what}; got, two times: ${ended.message}`, { cause: ended });
}

async function comeBack({ bringBack, expect }: Bench, after: Firmware, interrupted: Interrupted, moment: Moment) {
  const { left, rung } = await bringBack(after, interrupted);
  if (rung > BELOW_ERASE) return;
  if (left.length === 0)
    throw new HarnessError("REPLY_MALFORMED", `${interrupted.by}: what was left in the flash could not be told`);
  // The hash of the first file is the first of all.
  const at = moment.stage === "write" ? left.findIndex(({ file }) => file === moment.file) : 1;
  const lostFiles = left.slice(0, at).filter(({ state }) => state !== "whole");
  expect(lostFiles.map(({ file, state }) => `${file}: ${state}`)).toEqual([]);
  if (moment.stage === "write") expect(left[at]?.state).toBe("partly");
}
