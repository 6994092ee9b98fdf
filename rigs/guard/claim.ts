import { oneLine } from "../../harness/base/clean.js";
import { HarnessError } from "../../harness/base/errors.js";
import type { Clock } from "../../harness/base/time.js";
import { type Busy, type Holder, Lock, type Resource, thisProcess } from "./lock.js";

/** What a killed run leaves ends by itself: its lane within 5 s, its watchdog within its own limit of 6 s behind that. */
const LEFT_MS = 12_000;
/** Who has just taken a lock says so within a moment. */
const NAMELESS_MS = 300;
/** How often a busy rig is tried again: soon where it will be free soon. */
const SOON_MS = 20;
const LATER_MS = 250;

export interface Patience {
  /** Wait for whoever holds it, as long as that takes. */
  readonly wait: boolean;
  /** Calls the waiting off. */
  readonly signal: AbortSignal;
  /** Hears at the first need who is waited for: once of what a killed run left, and once of a holder. */
  readonly tell: (text: string) => void;
  /** Real time. */
  readonly clock: Clock;
  readonly folder?: string;
  /** Whom others are told to wait for, or to end; this process without it. A lane names the run that it works for. */
  readonly holder?: Holder;
}

/**
 * Takes what a rig needs for itself. Even without `wait` the lane of a killed run and the watchdog that makes its lines
 * safe are waited for: they are done soon.
 *
 * @throws HarnessError RIG_BUSY with who drives it; FILE_UNWRITABLE.
 */
export async function claim(
  rig: string,
  resources: readonly Resource[],
  { wait, signal, tell, clock, folder, holder }: Patience,
): Promise<Lock> {
  const began = clock.now();
  const self = holder ?? thisProcess();
  /** By whether it was `left`. */
  const told = new Set<boolean>();
  let namelessSince: number | undefined;
  for (;;) {
    signal.throwIfAborted();
    const tried = Lock.try(resources, self, folder);
    if (tried instanceof Lock) return tried;
    const now = clock.now();
    const { left } = tried;
    namelessSince = tried.holder === undefined && !left ? (namelessSince ?? now) : undefined;
    const soon = now < (namelessSince === undefined ? began + graceMs(tried) : namelessSince + NAMELESS_MS);
    if (!soon && !wait) throw busy(rig, tried);
    // Who has just taken it, and has not said so yet, looks for a moment as if the one before had left it.
    const long = left ? now >= began + NAMELESS_MS : !soon;
    if (long && !told.has(left)) tell(`waiting: ${describe(rig, tried)}`);
    if (long) told.add(left);
    await clock.sleep(soon ? SOON_MS : LATER_MS, signal);
  }
}

const graceMs = ({ holder, left }: Busy): number => (left || holder?.watchdog ? LEFT_MS : 0);

function busy(rig: string, why: Busy): HarnessError {
  const { pid, command, since } = why.holder ?? {};
  return new HarnessError("RIG_BUSY", describe(rig, why), { details: { ...why.resource, pid, command, since } });
}

const WORDS = { port: "its port", spi: "its SPI device", state: "its state file" } as const;

/** In words, who has what a rig needs. */
export function describe(rig: string, { resource: { kind, name }, holder, left }: Busy): string {
  const what = kind === "rig" ? rig : `${rig}: ${WORDS[kind]} ${name}`;
  if (left) return `${what} is in use by what is left of a run that has ended`;
  if (holder === undefined) return `${what} is in use by another process, which has not said who it is`;
  // Anybody may write into a lock file.
  return `${what} is in use by pid ${holder.pid} since ${oneLine(holder.since)}: ${oneLine(holder.command)}`;
}
