import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileName } from "../../rigs/guard/lock.js";
import { HarnessError } from "../base/errors.js";
import { told } from "../base/files.js";
import { faultOf } from "../run/outcome.js";
import type { AgentParts, RigAtWork } from "./agent-parts.js";
import { KEYS } from "./keys.js";
import { Order, parsed } from "./messages.js";
import { isDelivered, pruneJournals, runFolderOf, runIn } from "./old-journals.js";
import { orAborted } from "./or-aborted.js";
import { Session } from "./session.js";

/** The run that a rig is at, one at a time; its journals, and those of former lives. */
export class Sessions {
  readonly #rig: RigAtWork;
  readonly #parts: AgentParts;
  #current: Session | undefined;

  constructor(rig: RigAtWork, parts: AgentParts) {
    this.#rig = rig;
    this.#parts = parts;
  }

  get current(): Session | undefined {
    return this.#current;
  }

  /** What a former life of this agent has not told, or was ended in the middle of, or before it was booked. */
  async tellOld(): Promise<void> {
    const { out } = this.#parts;
    for (const name of told(() => readdirSync(out)) ?? []) {
      const run = runIn(name);
      const folder = join(out, name, folderOf(this.#rig.name));
      if (run === undefined || !existsSync(join(folder, "events.jsonl"))) continue;
      await this.#rig.book(folder);
      if (isDelivered(folder)) continue;
      try {
        // Whatever this agent is by now, what happened is told as it was.
        const session = await this.#open(await this.#orderOf(run), undefined);
        await this.#asked(session.drained());
      } catch (error) {
        this.#parts.tell(`${this.#rig.name}: what happened in ${run} was not told: ${faultOf(error).message}`);
      }
    }
    await this.leave();
  }

  /** The one of `run`; that of another run is left. @throws HarnessError FARM_REFUSED; what keeps the firmware from coming. */
  async of(run: string): Promise<Session> {
    if (this.#current?.order.runId === run) {
      this.#refuseOtherFiles(this.#current.order);
      return this.#current;
    }
    const { harness, fetch } = this.#parts;
    const order = await this.#orderOf(run);
    refuseOther("version of the program", order.harness, harness);
    this.#refuseOtherFiles(order);
    return this.#open(order, order.firmware === undefined ? undefined : await this.#asked(fetch(order.firmware)));
  }

  async #orderOf(run: string): Promise<Order> {
    const order = parsed(Order, await this.#asked(this.#parts.client.get(KEYS.order(run))));
    if (order === undefined) throw new HarnessError("FARM_REFUSED", `run ${run} is not known here, or of another form`);
    return order;
  }

  /** @param firmware folder of the package; nothing is put on the module without it. */
  async #open(order: Order, firmware: string | undefined): Promise<Session> {
    await this.leave();
    const { client, clock, blobs, now } = this.#parts;
    const { name: rig, simulated } = this.#rig;
    const folder = this.#folderOf(order);
    const crew = this.#rig.crew(order, folder, firmware);
    const to = { client, clock, blobs, folder };
    const { host } = this.#parts.self;
    const wear = await this.#rig.wear();
    this.#current = new Session({ order, rig, simulated, host, to, crew, wear, wallTime: now() });
    return this.#current;
  }

  /** Lets go of the rig, and books what the run did to its module. */
  async leave(): Promise<void> {
    const session = this.#current;
    this.#current = undefined;
    if (session === undefined) return;
    await session[Symbol.asyncDispose]();
    await this.#rig.book(this.#folderOf(session.order));
    pruneJournals(this.#parts.out);
  }

  /** Each time anew: a lane loads the files as they are when it starts, not as they were when this agent did. */
  #refuseOtherFiles(order: Order): void {
    const here = told(() => this.#parts.scenarios()) ?? "files that cannot be read";
    refuseOther("hash of the scenario files", order.scenarios, here);
  }

  #folderOf(order: Order): string {
    return join(this.#parts.out, runFolderOf(order), folderOf(this.#rig.name));
  }

  async #asked<T>(answer: Promise<T>): Promise<T> {
    return orAborted(answer, this.#parts.signal);
  }
}

/** Of a rig's journals in the folder of a run. */
const folderOf = (rig: string): string => fileName({ kind: "rig", name: rig });

function refuseOther(what: string, ordered: string, here: string): void {
  if (ordered === here) return;
  throw new HarnessError("FARM_REFUSED", `${what}: the run has ${ordered}, this agent ${here}`);
}
