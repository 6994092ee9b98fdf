import { type ErrorCode, HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import type { Session } from "../session/session.js";
import { type Observer, SILENT } from "../session/stage.js";
import { reachModule } from "./reach.js";
import { AT_THE_BENCH, type Recovery } from "./rung.js";
import { isLinkTrouble } from "./trouble.js";

/**
 * Everything that comes before any operation: ROM, identity, rate, flash; with the recovery ladder where that brings
 * trouble. Nothing is erased or written below rung 7.
 *
 * @throws HarnessError what `reachModule` throws, when no rung that is allowed helped against it.
 */
export async function openModule(
  rig: Rig,
  deadline: Deadline,
  observer: Observer = SILENT,
  recovery: Recovery = AT_THE_BENCH,
): Promise<Session> {
  try {
    return await reachModule(rig, deadline, observer, recovery);
  } catch (error) {
    if (!isForMore(error)) throw error;
    const { climbOn } = await import("./upper-rungs.js");
    return climbOn(rig, error, deadline, observer, recovery);
  }
}

/** Beside what a line brings. */
const FOR_MORE: readonly ErrorCode[] = ["NOT_IN_ROM", "SET_PARA_SILENT", "FLASH_UNREACHED"];

/** A link that is too slow is none of them: it was found out, and stays as it is. */
const isForMore = (error: unknown): error is HarnessError =>
  isLinkTrouble(error) || (error instanceof HarnessError && FOR_MORE.includes(error.code));
