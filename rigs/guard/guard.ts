import { lastResort } from "../../harness/base/cleanup.js";
import type { SpiPort } from "../../harness/base/spi.js";
import { SystemClock } from "../../harness/base/time.js";
import type { Bay, Straps } from "../../harness/base/wire.js";
import type { RigConfig } from "../file/schema.js";
import { outlastProcess } from "../lines/lone-lines.js";
import { makeSafe } from "../lines/safe.js";
import { claim, type Patience } from "./claim.js";
import { type Lock, resourcesOf, thisProcess } from "./lock.js";
import { Watchdog } from "./watchdog.js";

/** A bay that is ours alone until it is disposed, and whose lines become safe whatever happens to this process. */
export interface GuardedBay extends AsyncDisposable {
  readonly bay: Bay;
}

/**
 * Takes the locks of a rig and starts its watchdog, for as long as a command drives, however often it opens the rig. A rig
 * that was opened is handed out when the watchdog is ready: no line is driven before. A simulated rig needs neither: nothing is locked or started here for it.
 *
 * @param patience.watchdog one that was started early, and has no job yet.
 * @throws HarnessError RIG_BUSY with who drives it; the signal's reason when the waiting is called off.
 */
export async function guard(
  config: RigConfig,
  bay: Bay,
  patience: Omit<Patience, "clock"> & { readonly watchdog?: Watchdog | undefined },
): Promise<GuardedBay> {
  const resources = resourcesOf(config);
  if (resources.length === 0) return { bay, [Symbol.asyncDispose]: async () => undefined };
  const lock = await claim(config.name, resources, { ...patience, clock: new SystemClock() });
  if (!outlastProcess(config) && config.straps.driver !== "modem") {
    return { bay, [Symbol.asyncDispose]: async () => lock[Symbol.dispose]() };
  }
  const { folder, holder = thisProcess() } = patience;
  const { name, straps, spi, safeState } = config;
  const lines = { name, straps, spi, safeState };
  const job = { config: lines, resources, holder, ...(folder !== undefined && { folder }) };
  const watchdog = patience.watchdog ?? (outlastProcess(config) ? new Watchdog(config.name, holder.pid) : undefined);
  watchdog?.watch(job, patience.tell);
  return new Guard(config, bay, lock, watchdog);
}

class Guard implements GuardedBay {
  readonly bay: Bay;
  readonly #config: RigConfig;
  readonly #lock: Lock;
  readonly #watchdog: Watchdog | undefined;
  /** Of the rigs that are open, and of those that did not end well. */
  readonly #unsafe = new Map<Straps, SpiPort | undefined>();
  readonly #forget: () => void;
  #drove = false;

  constructor(config: RigConfig, bay: Bay, lock: Lock, watchdog: Watchdog | undefined) {
    this.#config = config;
    this.#lock = lock;
    this.#watchdog = watchdog;
    this.bay = { ...bay, open: (deadline) => this.#watched(bay.open(deadline), deadline.signal) };
    this.#forget = lastResort.add(() => this.#rescue());
  }

  /** The watchdog gets another chance with lines that could not be made safe; hence the lock is given back first. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#forget();
    // Lines of the character device stay ours until the process ends, and the lock with them.
    if (this.#config.straps.driver !== "chardev" || this.#owesSafety) this.#lock[Symbol.dispose]();
    if (!this.#owesSafety) this.#watchdog?.dismiss();
    else this.#watchdog?.alarm();
  }

  /** Of lines that did not end well; or of one who died before us, whose watchdog found us in its place, if we drove none. */
  get #owesSafety(): boolean {
    return this.#unsafe.size > 0 || (this.#lock.abandoned && !this.#drove);
  }

  async #watched(opening: ReturnType<Bay["open"]>, signal: AbortSignal): ReturnType<Bay["open"]> {
    const rig = await opening;
    const { straps, spi } = rig;
    if (straps === undefined) return rig;
    this.#drove = true;
    this.#unsafe.set(straps, spi);
    await this.#watchdog?.armed(signal);
    return {
      ...rig,
      [Symbol.asyncDispose]: async () => {
        await rig[Symbol.asyncDispose]();
        this.#unsafe.delete(straps);
      },
    };
  }

  /** While whatever was going on may still go on: the process ends right after. */
  async #rescue(): Promise<void> {
    const clock = new SystemClock();
    await Promise.all([...this.#unsafe].map(([straps, spi]) => makeSafe(straps, this.#config, clock, spi)));
    this.#watchdog?.dismiss();
  }
}
