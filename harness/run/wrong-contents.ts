import { HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { planOf } from "../flash/plan.js";
import { eraseRange } from "../recover/erase.js";
import { flashModule } from "../recover/flash.js";
import { FIRST_DESTRUCTIVE, type Recovery } from "../recover/rung.js";
import type { Session } from "../session/session.js";
import type { Observer } from "../session/stage.js";
import { refusePrecious } from "./precious.js";
import type { Bench, Contents } from "./scenario.js";

interface Hands {
  readonly rig: Rig;
  /** Whether the module on it may be lost. */
  readonly sacrificial: boolean;
  readonly recovery: Recovery;
  readonly deadline: Deadline;
  readonly observer: Observer;
  readonly step: Bench["step"];
  readonly open: (allowed: Recovery) => Promise<Session>;
  /** Nobody knows from here on what is on the module. */
  readonly lost: () => void;
  /** A session has gone well at the rate of the line. */
  readonly carried: () => void;
}

/** Puts wrong contents on a module, on purpose: nothing here is held against it, and only what may be lost is touched. */
export function wrongContents(hands: Hands): Pick<Bench, "overwrite" | "erase"> {
  const { rig, recovery, deadline, observer, step, open, lost, carried } = hands;
  // A rung that erases the chip would leave other contents than were asked for.
  const sparing = { ...recovery, top: Math.min(recovery.top, FIRST_DESTRUCTIVE - 1) };
  return {
    overwrite: async (parts, { erase = "needed" } = {}) => {
      refusePrecious(hands, "overwrite");
      const plan = planOf(jobOf(parts), { raw: true, erase });
      await step(`overwrite ${parts.map(({ name }) => name).join(", ")}`, async () => {
        const allowed = erase === "chip" ? recovery : sparing;
        const session = await open(allowed);
        refuseUnlocked(session);
        lost();
        await flashModule(session, plan, deadline, observer, allowed);
      });
    },
    erase: async (address, length) => {
      refusePrecious(hands, "erase");
      await step(`erase ${length} bytes at ${hexNumber(address)}`, async () => {
        lost();
        await eraseRange(rig, { start: address, end: address + length }, deadline, observer);
        carried();
      });
    },
  };
}

const jobOf = (parts: readonly Contents[]) => ({
  label: parts.map(({ name }) => name).join(", "),
  erase: 0 as const,
  skip: [],
  findings: [],
  files: parts
    .map(({ name, address, bytes }) => ({
      section: name,
      path: name,
      address,
      bytes,
      slotBytes: undefined,
      image: undefined,
      xz: undefined,
    }))
    .sort((a, b) => a.address - b.address),
});

/**
 * Stricter than `flash`, which looks at what is signed: an image may come in pieces, or be on the flash already, and what
 * boots of it may lock the module for good.
 */
function refuseUnlocked({ rig, info }: Session): void {
  if (info.signRequired || rig.allow.unlocked) return;
  throw new HarnessError(
    "MODULE_UNLOCKED",
    `${rig.name}: module ${info.chipId} is not ${info.loader ? "known to be " : ""}locked, and bytes that nobody checks may lock it`,
  );
}
