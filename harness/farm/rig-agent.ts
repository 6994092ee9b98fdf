import { type ErrorCode, HarnessError } from "../base/errors.js";
import { told } from "../base/files.js";
import { faultOf } from "../run/outcome.js";
import type { AgentParts, RigAtWork } from "./agent-parts.js";
import { claimDelivery } from "./claim-delivery.js";
import { nextFence, raiseFence } from "./fence.js";
import { KEYS, rigQueue } from "./keys.js";
import { Delivery, parsed, Stop, type Told } from "./messages.js";
import { orAborted } from "./or-aborted.js";
import { Presence, type Work } from "./presence.js";
import type { Taken } from "./queues.js";
import { type Examined, Standing } from "./rig-state.js";
import { Sessions } from "./sessions.js";
import { tellRun } from "./stream.js";
import { asUnusable } from "./trouble.js";

/** So often a rig without work looks for some, in ms. */
const IDLE_MS = 100;
/** After so long without work the rig is let go of, for whoever is at the bench, in ms. */
const RELEASE_MS = 5000;
/** So often it is looked whether somebody at the bench uses a rig, in ms. */
const PEEK_MS = 500;
/** Before a rig that was found with a fault is tried once more, in ms. */
const AGAIN_MS = 10_000;
/** Before a Redis that refused is asked for work again, in ms. */
const STUMBLED_MS = 2000;
/** At its end an agent waits so long for Redis, in ms: what it could not tell is told when it starts again. */
const FAREWELL_MS = 5000;
/** These say nothing of the rig or its machine: the run is to be mended, or nothing is. */
const HARMLESS: readonly ErrorCode[] = [
  ...(["RIG_BUSY", "RIG_LEASE_LOST", "AGENT_LOST", "FARM_REFUSED", "ABORTED"] as const),
  ...(["FIRMWARE_NOT_FOUND", "PACKAGE_INVALID", "SCENARIO_INVALID", "USAGE", "WEAR_BUDGET", "REDIS_UNUSABLE"] as const),
];

const OF_FILES: readonly ErrorCode[] = ["FILE_UNWRITABLE", "FILE_UNREADABLE"];

/** Works one rig: one job at a time, of whichever queue, until it is called off. */
export class RigAgent {
  readonly #rig: RigAtWork;
  readonly #parts: AgentParts;
  readonly #presence: Presence;
  readonly #standing = new Standing();
  #since: string;
  readonly #sessions: Sessions;
  #work: Work | undefined;
  #stop: Stop | undefined;
  #hasTold = false;
  #busy: string | undefined;
  /** Why it gets no work, as it was told last. */
  #stumbled: string | undefined;
  #peekedMs = Number.NEGATIVE_INFINITY;

  constructor(rig: RigAtWork, parts: AgentParts) {
    this.#rig = rig;
    this.#parts = parts;
    this.#since = parts.now();
    this.#sessions = new Sessions(rig, parts);
    this.#presence = new Presence(rig.name, {
      ...parts,
      record: () => this.#record(),
      work: () => this.#work,
      lost: (why, work) => {
        if (this.#work === work) this.#sessions.current?.abort(new HarnessError("RIG_LEASE_LOST", why));
      },
      stopped: (stop, work) => {
        if (this.#work !== work) return;
        this.#stop = stop;
        if (stop.cancel) this.#sessions.current?.abort(new HarnessError("ABORTED", stop.reason));
      },
    });
  }

  /** Until the agent is called off. */
  async work(): Promise<void> {
    const { signal, clock } = this.#parts;
    const over = new AbortController();
    const beating = this.#presence.beatOn(over.signal);
    const stop = () =>
      this.#sessions.current?.abort(new HarnessError("AGENT_LOST", `the agent of ${this.#rig.name} was stopped`));
    signal.addEventListener("abort", stop);
    try {
      for (let idleMs = 0; !signal.aborted; ) {
        const hadWork = await this.#turn().catch((error: unknown) => this.#stumble(error));
        idleMs = hadWork ? 0 : idleMs + IDLE_MS;
        if (idleMs >= RELEASE_MS) await this.#sessions.current?.release();
        if (!hadWork) await clock.sleep(IDLE_MS, signal).catch(() => undefined);
      }
    } finally {
      signal.removeEventListener("abort", stop);
      over.abort();
      const session = this.#sessions.current;
      await this.#sessions.leave();
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
    if (!this.#hasTold) {
      this.#hasTold = true;
      await this.#sessions.tellOld();
    }
    if (this.#isBusy()) return false;
    if (this.#standing.isDue) return this.#examine();
    const { queues, self } = this.#parts;
    const taken = await this.#asked(queues.next([rigQueue(this.#rig.name), ...this.#presence.queues], self.id));
    this.#stumbled = undefined;
    if (taken === undefined) return false;
    await this.#take(taken);
    return true;
  }

  /** Redis did not do what it was asked: it is asked again, and the other rigs of this agent go on. */
  async #stumble(error: unknown): Promise<false> {
    const { signal, clock, tell } = this.#parts;
    if (signal.aborted) throw error;
    const { message } = faultOf(asUnusable(error));
    if (this.#stumbled !== message) tell(`${this.#rig.name}: gets no work: ${message}`);
    this.#stumbled = message;
    await clock.sleep(STUMBLED_MS, signal).catch(() => undefined);
    return false;
  }

  /** Without lanes of ours: with them the rig is ours. */
  #isBusy(): boolean {
    const { clock } = this.#parts;
    if (this.#sessions.current?.isReady === true) return false;
    if (clock.now() - this.#peekedMs >= PEEK_MS) {
      this.#peekedMs = clock.now();
      this.#busy = told(() => this.#rig.busy());
    }
    return this.#busy !== undefined;
  }

  async #examine(): Promise<true> {
    const { signal, clock } = this.#parts;
    // Both would have the rig.
    await this.#sessions.current?.release();
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
    const session = await this.#sessions.of(of.run);
    if (session.hasBegun(of)) throw new CopyError(`${this.#rig.name} has begun this very job before`);
    const [counts, stop] = await this.#asked(
      Promise.all([client.hget(KEYS.current(of.run), String(of.job)), client.get(KEYS.stop(of.run))]),
    );
    this.#stop = parsed(Stop, stop);
    if (counts !== String(of.delivery)) throw tooLate(of);
    await session.ready(of);
    // Getting ready takes seconds: by now the delivery may be another one's, or the run over.
    const place = await this.#asked(claimDelivery(client, of));
    if (place === 0) throw tooLate(of);
    if (place > 1) throw new CopyError("this very job was taken before");
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
    await this.#asked(session.drained()).catch((error: unknown) => this.#untold(of, error));
    const { fault, retired } = worked;
    if (retired) this.#stand(() => this.#standing.retire("its lines did not become safe"));
    else if (fault !== undefined && !HARMLESS.includes(fault.code))
      this.#stand(() => this.#standing.fault(fault.message));
    else if (fault === undefined && of.cases.length > 0) this.#stand(() => this.#standing.good());
    if (of.conclude) await this.#sessions.leave();
    return undefined;
  }

  /** What a job came to stands in the journal: it is told with what comes next, at the agent's end or in its next life. */
  #untold({ run, job }: Delivery, error: unknown): void {
    if (this.#parts.signal.aborted) return;
    const { message } = faultOf(asUnusable(error));
    this.#parts.tell(`${this.#rig.name}: what job ${job} of ${run} came to was not told yet: ${message}`);
  }

  async #refuse({ run, job, delivery }: Delivery, error: unknown): Promise<{ readonly code: ErrorCode }> {
    const { client, tell, self } = this.#parts;
    const found = faultOf(asUnusable(error));
    // Paths mean something on this machine alone.
    const fault = OF_FILES.includes(found.code) ? { ...found, message: `${self.host}: ${found.message}` } : found;
    const rig = this.#rig.name;
    // What it did before comes first.
    await this.#asked(this.#sessions.current?.drained() ?? Promise.resolve()).catch(() => undefined);
    const copy = error instanceof CopyError;
    const isBegun = !copy && this.#sessions.current?.hasBegun({ job, delivery }) === true;
    const what = isBegun ? "given back" : "not taken";
    tell(`${rig}: job ${job} of ${run} was ${what}: ${fault.code}: ${fault.message}`);
    const entry: Told = { kind: "refused", rig, job, delivery, copy, fault };
    await this.#asked(tellRun(client, run, entry)).catch(() => undefined);
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
    const { harness } = this.#parts;
    const { name: rig, has, simulated } = this.#rig;
    const { state, reason } = this.#standing;
    return {
      rig,
      harness,
      state,
      ...(this.#busy !== undefined && { busy: this.#busy }),
      ...(reason !== undefined && { reason }),
      since: this.#since,
      has: [...has],
      simulated,
    };
  }

  /** An answer of Redis, which may be gone: the agent ends all the same. @throws the signal's reason. */
  async #asked<T>(answer: Promise<T>): Promise<T> {
    return orAborted(answer, this.#parts.signal);
  }
}

const tooLate = ({ job, delivery }: Delivery): HarnessError =>
  new HarnessError("RIG_LEASE_LOST", `delivery ${delivery} of job ${job} counts no more`);

/** Somebody has the very same delivery already. */
class CopyError extends HarnessError {
  constructor(message: string) {
    super("RIG_LEASE_LOST", `${message}: it is not begun again`);
  }
}
