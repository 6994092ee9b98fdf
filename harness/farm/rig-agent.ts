import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { fileName } from "../../rigs/guard/lock.js";
import { type ErrorCode, HarnessError } from "../base/errors.js";
import type { Fact } from "../base/events.js";
import { told } from "../base/files.js";
import type { Clock } from "../base/time.js";
import type { WearBudget } from "../history/wear-budget.js";
import type { Crew } from "../run/lanes/crew.js";
import { faultOf } from "../run/outcome.js";
import type { Blobs } from "./blobs.js";
import { nextFence, raiseFence } from "./fence.js";
import type { Owner } from "./hold.js";
import { KEYS, rigQueue } from "./keys.js";
import { Delivery, Order, parsed, Stop, type Told } from "./messages.js";
import { isDelivered, pruneJournals, runFolderOf, runIn } from "./old-journals.js";
import { orAborted } from "./or-aborted.js";
import { Presence, type Work } from "./presence.js";
import type { Queues, Taken } from "./queues.js";
import { type Examined, Standing } from "./rig-state.js";
import { Session } from "./session.js";

/** A rig, as the agent on its machine can use it. */
export interface RigAtWork {
  readonly name: string;
  /** What a case may need of it; each firmware profile that it may be given as `profile:t01`. */
  readonly has: readonly string[];
  readonly simulated: boolean;
  /**
   * Lanes for a run; nothing is started yet.
   *
   * @param folder of the run on this rig. @param firmware folder of the package.
   */
  crew(
    order: Order,
    folder: string,
    firmware: string | undefined,
  ): (emit: (fact: Fact, atMs: number) => void, signal: AbortSignal, sinceMs: number) => Crew;
  /** Doctor, and the reference firmware on the module. @throws the signal's reason. */
  examine(signal: AbortSignal): Promise<Examined>;
  /** Who at the bench uses it, in words; nothing is taken. */
  busy(): string | undefined;
  /** What its module may still take. */
  wear(): Promise<WearBudget>;
  /** Books what a run has done to the module, by its folder on this machine. Never throws. */
  book(folder: string): Promise<void>;
}

/** What all rigs of an agent share. */
export interface AgentParts {
  readonly client: Redis;
  readonly queues: Queues;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly self: Owner;
  readonly leaseMs: number;
  /** Folder of the journals on this machine. */
  readonly out: string;
  readonly harness: string;
  readonly scenarios: string;
  /** Lays a firmware package on this machine. @returns its folder. */
  readonly fetch: (parcel: string) => Promise<string>;
  readonly tell: (text: string) => void;
  /** Aborts when the agent is to end. */
  readonly signal: AbortSignal;
  /** ISO 8601 with Z. */
  readonly now: () => string;
}

/** So often a rig without work looks for some, in ms. */
const IDLE_MS = 100;
/** After so long without work the rig is let go of, for whoever is at the bench, in ms. */
const RELEASE_MS = 5000;
/** So often it is looked whether somebody at the bench uses a rig, in ms. */
const PEEK_MS = 500;
/** Before a rig that was found with a fault is tried once more, in ms. */
const AGAIN_MS = 10_000;
/** At its end an agent waits so long for Redis, in ms: what it could not tell is told when it starts again. */
const FAREWELL_MS = 5000;
/** These say nothing of the rig or its machine: the run is to be mended, or nothing is. */
const HARMLESS: readonly ErrorCode[] = [
  ...(["RIG_BUSY", "RIG_LEASE_LOST", "AGENT_LOST", "FARM_REFUSED", "ABORTED"] as const),
  ...(["FIRMWARE_NOT_FOUND", "PACKAGE_INVALID", "SCENARIO_INVALID", "USAGE", "WEAR_BUDGET"] as const),
];

/** Works one rig: one job at a time, of whichever queue, until it is called off. */
export class RigAgent {
  readonly #rig: RigAtWork;
  readonly #parts: AgentParts;
  readonly #presence: Presence;
  readonly #standing = new Standing();
  #since: string;
  #session: Session | undefined;
  #work: Work | undefined;
  #stop: Stop | undefined;
  #hasTold = false;
  #busy: string | undefined;
  #peekedMs = Number.NEGATIVE_INFINITY;

  constructor(rig: RigAtWork, parts: AgentParts) {
    this.#rig = rig;
    this.#parts = parts;
    this.#since = parts.now();
    this.#presence = new Presence(rig.name, {
      ...parts,
      record: () => this.#record(),
      work: () => this.#work,
      lost: (why, work) => {
        if (this.#work === work) this.#session?.abort(new HarnessError("RIG_LEASE_LOST", why));
      },
      stopped: (stop, work) => {
        if (this.#work !== work) return;
        this.#stop = stop;
        if (stop.cancel) this.#session?.abort(new HarnessError("ABORTED", stop.reason));
      },
    });
  }

  /** Until the agent is called off. */
  async work(): Promise<void> {
    const { signal, clock } = this.#parts;
    const over = new AbortController();
    const beating = this.#presence.beatOn(over.signal);
    const stop = () =>
      this.#session?.abort(new HarnessError("AGENT_LOST", `the agent of ${this.#rig.name} was stopped`));
    signal.addEventListener("abort", stop);
    try {
      for (let idleMs = 0; !signal.aborted; ) {
        const hadWork = await this.#turn();
        idleMs = hadWork ? 0 : idleMs + IDLE_MS;
        if (idleMs >= RELEASE_MS) await this.#session?.release();
        if (!hadWork) await clock.sleep(IDLE_MS, signal).catch(() => undefined);
      }
    } finally {
      signal.removeEventListener("abort", stop);
      over.abort();
      const session = this.#session;
      await this.#leave();
      const farewell = async () => {
        await session?.drained();
        await beating;
        await this.#presence.leave();
      };
      const enough = new AbortController();
      const late = clock.sleep(FAREWELL_MS, enough.signal).catch(() => undefined);
      await Promise.race([farewell().catch(() => undefined), late]);
      enough.abort();
    }
  }

  /** @returns whether there was something to do. */
  async #turn(): Promise<boolean> {
    if (!this.#presence.isHeld || this.#standing.state === "failing") return false;
    if (!this.#hasTold) await this.#tellOld();
    if (this.#isBusy()) return false;
    if (this.#standing.isDue) return this.#examine();
    const { queues, self } = this.#parts;
    const taken = await this.#asked(queues.next([rigQueue(this.#rig.name), ...this.#presence.queues], self.id));
    if (taken === undefined) return false;
    await this.#take(taken);
    return true;
  }

  /** Without lanes of ours: with them the rig is ours. */
  #isBusy(): boolean {
    const { clock } = this.#parts;
    if (this.#session?.isReady === true) return false;
    if (clock.now() - this.#peekedMs >= PEEK_MS) {
      this.#peekedMs = clock.now();
      this.#busy = told(() => this.#rig.busy());
    }
    return this.#busy !== undefined;
  }

  /** What a former life of this agent has not told, or was ended in the middle of. */
  async #tellOld(): Promise<void> {
    this.#hasTold = true;
    const { out } = this.#parts;
    for (const name of told(() => readdirSync(out)) ?? []) {
      const run = runIn(name);
      if (run === undefined || isDelivered(join(out, name, folderOf(this.#rig.name)))) continue;
      try {
        await this.#asked((await this.#sessionFor(run)).drained());
      } catch (error) {
        this.#parts.tell(`${this.#rig.name}: what happened in ${run} was not told: ${faultOf(error).message}`);
      }
    }
    await this.#leave();
  }

  async #examine(): Promise<true> {
    const { signal, clock } = this.#parts;
    // Both would have the rig.
    await this.#session?.release();
    const found = await this.#rig.examine(signal).catch((error: unknown) => this.#unexamined(error));
    if (signal.aborted || found === undefined) return true;
    this.#stand(() => this.#standing.examined(found));
    if (this.#standing.isDue) await clock.sleep(AGAIN_MS, signal).catch(() => undefined);
    return true;
  }

  /** Somebody at the bench was faster: that is no fault. */
  #unexamined(error: unknown): Examined | undefined {
    const { code, message } = faultOf(error);
    return code === "RIG_BUSY" ? undefined : { fault: message };
  }

  async #take(taken: Taken): Promise<void> {
    const { tell, now, signal, clock } = this.#parts;
    const delivery = Delivery.safeParse(taken.data);
    if (delivery.success) {
      this.#stop = undefined;
      this.#work = { of: delivery.data, taken, since: now() };
      const refused = await this.#deliver(delivery.data).catch((error: unknown) => this.#refuse(delivery.data, error));
      await this.#asked(taken.done()).catch(() => undefined);
      this.#work = undefined;
      // What it refuses again and again goes to others meanwhile.
      if (refused !== undefined) await clock.sleep(PEEK_MS, signal).catch(() => undefined);
    } else {
      tell(`${this.#rig.name}: a job of another form was passed over`);
      await taken.done();
    }
  }

  async #deliver(of: Delivery): Promise<undefined> {
    const { client } = this.#parts;
    const session = await this.#sessionFor(of.run);
    if (session.hasBegun(of)) throw new CopyError(`${this.#rig.name} has begun this very job before`);
    const [counts, stop] = await this.#asked(
      Promise.all([client.hget(KEYS.current(of.run), String(of.job)), client.get(KEYS.stop(of.run))]),
    );
    this.#stop = parsed(Stop, stop);
    if (counts !== String(of.delivery))
      throw new HarnessError(
        "RIG_LEASE_LOST",
        `delivery ${of.delivery} of job ${of.job} counts no more: ${counts ?? "none"} does`,
      );
    await session.ready();
    const copies = await this.#asked(client.hincrby(KEYS.current(of.run), `${of.job}.${of.delivery}`, 1));
    if (copies > 1) throw new CopyError("this very job was taken before");
    const fence = await this.#asked(nextFence(client, this.#rig.name));
    raiseFence(this.#rig.name, fence);
    const worked = await session.work(
      of,
      fence,
      () => this.#stop,
      (name) => {
        if (this.#work !== undefined) this.#work.case = name;
      },
    );
    await this.#asked(session.drained());
    const { fault, retired } = worked;
    if (retired) this.#stand(() => this.#standing.retire("its lines did not become safe"));
    else if (fault !== undefined && !HARMLESS.includes(fault.code))
      this.#stand(() => this.#standing.fault(fault.message));
    else if (fault === undefined && of.cases.length > 0) this.#stand(() => this.#standing.good());
    if (of.conclude) await this.#leave();
    return undefined;
  }

  /** @throws HarnessError FARM_REFUSED; what keeps the firmware from coming. */
  async #sessionFor(run: string): Promise<Session> {
    if (this.#session?.order.runId === run) return this.#session;
    const { client, blobs, harness, scenarios, fetch, now } = this.#parts;
    const order = parsed(Order, await this.#asked(client.get(KEYS.order(run))));
    if (order === undefined) throw new HarnessError("FARM_REFUSED", `run ${run} is not known here, or of another form`);
    refuseOther("version of the program", order.harness, harness);
    refuseOther("hash of the scenario files", order.scenarios, scenarios);
    await this.#leave();
    const firmware = order.firmware === undefined ? undefined : await this.#asked(fetch(order.firmware));
    const { name: rig, simulated } = this.#rig;
    const folder = this.#folderOf(order);
    const crew = this.#rig.crew(order, folder, firmware);
    const to = { client, blobs, folder };
    this.#session = new Session({ order, rig, simulated, to, crew, wear: await this.#rig.wear(), wallTime: now() });
    return this.#session;
  }

  async #leave(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    await session[Symbol.asyncDispose]();
    await this.#rig.book(this.#folderOf(session.order));
    pruneJournals(this.#parts.out);
  }

  async #refuse({ run, job, delivery }: Delivery, error: unknown): Promise<{ readonly code: ErrorCode }> {
    const { client, tell } = this.#parts;
    const fault = faultOf(error);
    const rig = this.#rig.name;
    tell(`${rig}: job ${job} of ${run} was not taken: ${fault.code}: ${fault.message}`);
    const entry: Told = { kind: "refused", rig, job, delivery, copy: error instanceof CopyError, fault };
    await this.#asked(client.xadd(KEYS.told(run), "*", "told", JSON.stringify(entry))).catch(() => undefined);
    if (!HARMLESS.includes(fault.code)) this.#stand(() => this.#standing.fault(fault.message));
    return fault;
  }

  #stand(change: () => void): void {
    const { state, reason } = this.#standing;
    change();
    if (this.#standing.state === state && this.#standing.reason === reason) return;
    this.#since = this.#parts.now();
    const why = this.#standing.reason === undefined ? "" : `: ${this.#standing.reason}`;
    this.#parts.tell(`${this.#rig.name}: ${this.#standing.state}${why}`);
  }

  #record() {
    const { harness, scenarios } = this.#parts;
    const { name: rig, has, simulated } = this.#rig;
    const { state, reason } = this.#standing;
    return {
      rig,
      harness,
      scenarios,
      state,
      ...(this.#busy !== undefined && { busy: this.#busy }),
      ...(reason !== undefined && { reason }),
      since: this.#since,
      has: [...has],
      simulated,
    };
  }

  #folderOf(order: Order): string {
    return join(this.#parts.out, runFolderOf(order), folderOf(this.#rig.name));
  }

  /** An answer of Redis, which may be gone: the agent ends all the same. @throws the signal's reason. */
  async #asked<T>(answer: Promise<T>): Promise<T> {
    return orAborted(answer, this.#parts.signal);
  }
}

/** Somebody has the very same delivery already. */
class CopyError extends HarnessError {
  constructor(message: string) {
    super("RIG_LEASE_LOST", `${message}: it is not begun again`);
  }
}

/** Of a rig's journals in the folder of a run. */
const folderOf = (rig: string): string => fileName({ kind: "rig", name: rig });

function refuseOther(what: string, ordered: string, here: string): void {
  if (ordered === here) return;
  throw new HarnessError("FARM_REFUSED", `${what}: the run has ${ordered}, this agent ${here}`);
}
