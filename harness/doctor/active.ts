import { asHarnessError, type HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { enterRom } from "../session/handshake.js";
import { identify } from "../session/session.js";
import { type Check, failed, type Judgement, notApplicable, passed } from "./check.js";

/** What a conversation with the module showed, in the order in which it went. */
export interface Talk {
  readonly handshake: Judgement;
  readonly bootInfo: Judgement;
  /** SPI_RDY while CHIP_EN was held low; `undefined`: the rig cannot tell. */
  readonly readyWhenOff?: boolean | undefined;
}

/**
 * Straps the module into its boot ROM, greets it and asks who it is. Nothing is erased or written.
 *
 * @throws HarnessError ABORTED, and nothing else: what goes wrong is what was to be found.
 */
export async function talk(rig: Rig, deadline: Deadline): Promise<Talk> {
  const off = await attempt(() => readyWhenOff(rig, deadline));
  return { ...(await converse(rig, deadline)), ...("value" in off && { readyWhenOff: off.value }) };
}

async function readyWhenOff({ straps, ready, timing }: Rig, deadline: Deadline): Promise<boolean | undefined> {
  if (straps === undefined || ready === undefined) return undefined;
  await straps.set("chipEn", false, deadline);
  await deadline.sleep(timing.resetMs);
  return ready.read();
}

async function converse(rig: Rig, deadline: Deadline): Promise<Talk> {
  const entered = await attempt(() => enterRom(rig, deadline));
  if ("judgement" in entered) return silent(entered.judgement);
  const handshake = passed(`the boot ROM answered at ${rig.wire.baud} Bd`);
  const identified = await attempt(() => identify(rig, entered.value, deadline));
  return { handshake, bootInfo: "judgement" in identified ? identified.judgement : passed(told(identified.value)) };
}

/** A rig that could not even be opened. */
export const unopened = (error: unknown): Talk => silent(failure(asHarnessError(error)));

/** The checks that `--active` adds. */
export const activeChecks = ({ handshake, bootInfo }: Talk): Check[] => [
  { id: "handshake", expected: "an answer of the boot ROM", ...handshake },
  { id: "boot-info", expected: "the module of the rig file, or any", ...bootInfo },
];

const silent = (handshake: Judgement): Talk => ({ handshake, bootInfo: notApplicable("there was no handshake") });

async function attempt<T>(work: () => Promise<T>): Promise<{ value: T } | { judgement: Judgement }> {
  try {
    return { value: await work() };
  } catch (thrown) {
    const error = asHarnessError(thrown);
    if (error.blame === "operator") throw error;
    return { judgement: failure(error) };
  }
}

const failure = ({ code, message, advice }: HarnessError): Judgement => failed(`${code}: ${message}`, advice);

const told = ({ chipId, romVersion, signRequired }: Awaited<ReturnType<typeof identify>>): string =>
  `module ${chipId}, ROM version ${romVersion}, ${signRequired ? "locked" : "not locked"}`;
