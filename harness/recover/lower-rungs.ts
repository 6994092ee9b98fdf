import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import { greetAgain } from "../session/handshake.js";
import { type Entered, enter, type Session, setUp } from "../session/session.js";
import type { Observer } from "../session/stage.js";
import { type Recovery, rung } from "./rung.js";
import { WAIT_OUT_MS } from "./timing.js";
import { toldApart } from "./trouble.js";

/** The rate that every adapter carries, and that the handshake has just proven. */
export const DIAGNOSTIC_BAUD = 500_000;

/**
 * The lower rungs of the recovery ladder, none of which changes the flash: 1 ask again once; 2 wait out the idle time,
 * handshake at the current rate; 3 strap, reset, handshake, same rate; 4 the same at 500 000 Bd, to learn whose fault it is.
 *
 * @throws HarnessError LINK_TOO_SLOW, SET_PARA_SILENT, or `trouble` itself when the last of them fails like the others.
 */
export async function climb(
  entered: Entered,
  baud: number,
  trouble: HarnessError,
  deadline: Deadline,
  observer: Observer,
  { top }: Recovery,
): Promise<Session> {
  const { rig } = entered;
  if (top < 1) throw trouble;
  const again = await rung(1, "ask again once", deadline, observer, (within) => setUp(entered, baud, within, observer));
  if (again !== undefined) return again;

  if (top < 2) throw trouble;
  const wait = `wait out the idle time, handshake at ${rig.wire.baud} Bd`;
  const waited = await rung(2, wait, deadline, observer, async (within) => {
    await within.sleep(WAIT_OUT_MS);
    await greetAgain(rig, within);
    return setUp(entered, baud, within, observer);
  });
  if (waited !== undefined) return waited;

  if (top < 3 || rig.straps === undefined) throw trouble;
  const reset = await rung(3, `strap, reset, handshake, ${baud} Bd`, deadline, observer, (within) =>
    openAt(entered, baud, within, observer),
  );
  if (reset !== undefined) return reset;
  if (baud <= DIAGNOSTIC_BAUD) throw await toldApart(entered, trouble, deadline);

  if (top < 4) throw trouble;
  const slow = await slowly(entered, deadline, observer);
  if (!slow) throw await toldApart(entered, trouble, deadline);
  const { stage = "", bytes = "" } = trouble.details;
  const seen = bytes === "" ? "nothing came" : `the bytes ${bytes} came`;
  throw new HarnessError(
    "LINK_TOO_SLOW",
    `${rig.name}: the link does not carry ${baud} Bd: ${stage === "" ? "" : `at ${stage} `}${seen}, also after a reset, and all is well at ${DIAGNOSTIC_BAUD} Bd`,
    { cause: trouble, details: { stage, baud, bytes, goodBaud: DIAGNOSTIC_BAUD } },
  );
}

/** Rung 4 only diagnoses a binding rate: what answers there has not recovered. */
async function slowly(entered: Entered, deadline: Deadline, observer: Observer): Promise<boolean> {
  const { recovered: _, ...onlyTold } = observer;
  const session = await rung(4, `the same at ${DIAGNOSTIC_BAUD} Bd`, deadline, onlyTold, (within) =>
    openAt(entered, DIAGNOSTIC_BAUD, within, observer),
  );
  return session !== undefined;
}

async function openAt({ rig }: Entered, baud: number, deadline: Deadline, observer: Observer): Promise<Session> {
  return setUp(await enter(rig, deadline, observer), baud, deadline, observer);
}
