import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import { greetAgain } from "../session/handshake.js";
import { type Entered, enter, type Session, setRate, setUpFlash } from "../session/session.js";
import type { Observer } from "../session/stage.js";
import { WAIT_OUT_MS } from "./timing.js";
import { answers, isLinkTrouble, setParaSilent } from "./trouble.js";

/** The rate that every adapter carries, and that the handshake has just proven. */
const DIAGNOSTIC_BAUD = 500_000;

/**
 * The lower rungs of the recovery ladder, none of which changes the flash: 1 ask again once; 2 wait out the idle time,
 * handshake at the current rate; 3 strap, reset, handshake, same rate; 4 the same at 500 000 Bd, to learn whose fault it is.
 *
 * @throws HarnessError LINK_TOO_SLOW, SET_PARA_SILENT, or `trouble` itself when rung 4 fails like the others.
 */
export async function climb(
  entered: Entered,
  baud: number,
  trouble: HarnessError,
  deadline: Deadline,
  observer: Observer,
): Promise<Session> {
  const { rig } = entered;
  const finish = async (from: Entered): Promise<Session> => ({
    ...from,
    jedec: await setUpFlash(from, deadline, observer),
  });
  const switched = rig.wire.baud === baud;

  const again = await rung(1, "ask again once", observer, async () => {
    if (!switched) await setRate(entered, baud, deadline, observer);
    return finish(entered);
  });
  if (again !== undefined) return again;

  const waited = await rung(2, `wait out the idle time, handshake at ${rig.wire.baud} Bd`, observer, async () => {
    await deadline.sleep(WAIT_OUT_MS);
    await greetAgain(rig, deadline);
    if (rig.wire.baud !== baud) await setRate(entered, baud, deadline, observer);
    return finish(entered);
  });
  if (waited !== undefined) return waited;

  if (rig.straps === undefined) throw trouble;
  const reset = await rung(3, `strap, reset, handshake, ${baud} Bd`, observer, () =>
    openAt(entered, baud, deadline, observer),
  );
  if (reset !== undefined) return reset;
  if (baud <= DIAGNOSTIC_BAUD) throw await toldApart(entered, trouble, deadline);

  const slow = await rung(4, `the same at ${DIAGNOSTIC_BAUD} Bd`, observer, () =>
    openAt(entered, DIAGNOSTIC_BAUD, deadline, observer),
  );
  if (slow === undefined) throw await toldApart(entered, trouble, deadline);
  throw new HarnessError(
    "LINK_TOO_SLOW",
    `${rig.name}: the link does not carry ${baud} Bd: silent or damaged there, also after a reset, and good at ${DIAGNOSTIC_BAUD} Bd`,
    { cause: trouble, details: { baud, goodBaud: DIAGNOSTIC_BAUD } },
  );
}

async function openAt({ rig }: Entered, baud: number, deadline: Deadline, observer: Observer): Promise<Session> {
  const entered = await enter(rig, deadline, observer);
  await setRate(entered, baud, deadline, observer);
  return { ...entered, jedec: await setUpFlash(entered, deadline, observer) };
}

/** One rung: what it gives, or `undefined` when the trouble is still there. Each is told, with its outcome. */
async function rung<T>(
  number: number,
  what: string,
  observer: Observer,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    const result = await work();
    observer.rung?.(number, what, true);
    return result;
  } catch (error) {
    observer.rung?.(number, what, false);
    if (isLinkTrouble(error) || (error instanceof HarnessError && error.code === "NOT_IN_ROM")) return undefined;
    throw error;
  }
}

/** At a rate that works: a module that answers boot info there and not set-para is told from a line that is dead. */
async function toldApart(entered: Entered, trouble: HarnessError, deadline: Deadline): Promise<HarnessError> {
  return (await answers(entered, deadline)) ? setParaSilent(entered, trouble) : trouble;
}
