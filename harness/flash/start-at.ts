import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { type At, openAt } from "../ncp/at.js";
import type { AtObserver } from "../ncp/conversation.js";
import { strap } from "../session/strap.js";

/** A firmware that was started anew, and has said `ready`. */
interface Started {
  readonly at: At;
  /** From the rise of CHIP_EN to that of SPI_RDY. */
  readonly readyMs: number;
}

/**
 * Starts the firmware anew and waits until it speaks: what answers is then what runs now.
 *
 * @param withinMs from the rise of CHIP_EN on.
 * @throws HarnessError LINES_NOT_DRIVEN; SPI_MISSING before a line is moved; what `At.waitReady` throws.
 */
export async function startAt(
  rig: Rig,
  deadline: Deadline,
  observer: AtObserver = {},
  withinMs: number = rig.timing.bootMs,
): Promise<Started> {
  const at = await openAt(rig, deadline, observer);
  const start = await strap(rig, "application", deadline);
  const before = deadline.clock.now() - start;
  try {
    const { ms } = await at.waitReady(withinMs - before, deadline);
    return { at, readyMs: before + ms };
  } catch (error) {
    if (!(error instanceof HarnessError) || !SILENT.has(error.code)) throw error;
    const { code, message, details } = error;
    throw new HarnessError(code, message, { cause: error, details, advice: `${SILENT_ONES} ${error.advice}` });
  }
}

/** What comes of a module that runs something without AT: SPI_RDY alone, or not even that. */
const SILENT: ReadonlySet<string> = new Set(["BOOT_NOT_READY", "SPI_NO_ANSWER"]);
const SILENT_ONES = "mfg says nothing over SPI, nor does an empty flash: `st67-hil chip boot` tells what boots.";
