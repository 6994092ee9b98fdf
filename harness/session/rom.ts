import { HarnessError } from "../base/errors.js";
import { hex } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { Wire } from "../base/wire.js";
import { BOOT_INFO_BYTES } from "../protocol/boot-info.js";
import { type CommandName, type Request, type Response, rowOf } from "../protocol/commands.js";
import { decodeResponse, encodeRequest } from "../protocol/frames.js";
import { CHECKSUM_ERROR, PROGRAM_FAILURES } from "../protocol/status.js";
import { anotherComes, readAnswer, type Wait } from "./answer.js";
import { greet, hasSession, isOk, SETTLE_MS } from "./greet.js";
import { type Asked, isSilence, isUnknown, lateRefusalOf, refusalOf } from "./refusal.js";

/** Until the host sets it. */
export const IDLE_MS = 2000;
/** So many in a row end a session. */
const IDLES = 2;
/** So much of them time-outs may pass before somebody asks whether the device is still there. */
const SAFE_PART = 0.8;
/** A refusal that follows an OK comes before the answer to the next command, with no command in between: at once. */
const SECOND_ANSWER_MS = 100;
/** So many refusals end a session, whatever went well in between. */
const REFUSALS = 3;
/** Boot info is 32 bytes at most, and comes right behind an answer that was late. */
const FLUSH_MS = 50;

const NONE: Uint8Array = new Uint8Array();

/** A conversation with a boot ROM that has answered the handshake: one command at a time, in order. */
export class BootRom {
  readonly wire: Wire;
  /** The idle time-out that the device was given and has acknowledged, in milliseconds. */
  idleMs = IDLE_MS;
  /** The boot info that it told last, until it is asked for anything else. */
  toldInfo: Uint8Array | undefined;
  readonly #mayBurn: boolean;
  /** The last command, if it was a write that was acknowledged, and what came behind its OK. */
  #acknowledged: { readonly write: Asked; readonly rest: Uint8Array } | undefined;
  #prepared: { readonly name: CommandName; readonly values: unknown; readonly frame: Uint8Array } | undefined;
  #refusals = 0;
  readonly #known = new Set<CommandName>();
  readonly #lacking = new Set<CommandName>();

  /** @param mayBurn whether fuses may be written at all here: the rig file says so, and never in a run. */
  constructor(wire: Wire, mayBurn: boolean) {
    this.wire = wire;
    this.#mayBurn = mayBurn;
  }

  /**
   * Sends one command and waits for its answer: no silence longer than `budgetMs`, and no longer than `deadline`.
   * Nothing is ever sent twice here. A write that was acknowledged and failed afterwards is told by the command that
   * follows it, whose own answer is lost then; where it is known before, that command is not sent at all.
   *
   * @param wait its `budgetMs` is the command's own, unless the caller knows better; behind a write, which a device may have
   * acknowledged before it has programmed, at least that of the write.
   * @throws HarnessError BURN_REFUSED before anything is sent; COMMAND_REFUSED with the chip's `status`; COMMAND_TIMEOUT; REPLY_MALFORMED.
   */
  async request<N extends CommandName>(
    name: N,
    values: Request<N>,
    deadline: Deadline,
    { budgetMs: given, slow }: Partial<Wait> = {},
  ): Promise<Response<N>> {
    const { irreversible, early } = rowOf(name);
    if (irreversible && !this.#mayBurn) {
      throw new HarnessError("BURN_REFUSED", `${name}: fuses are not to be written here, and nothing was sent`);
    }
    this.toldInfo = undefined;
    const before = this.#acknowledged;
    this.#acknowledged = undefined;
    const budgetMs =
      given ?? Math.max(rowOf(name).budgetMs, before === undefined ? 0 : rowOf(before.write.name).budgetMs);
    let kept = NONE;
    if (before === undefined) this.wire.drop();
    else kept = this.#listen(before.write, before.rest);
    if (deadline.remainingMs === 0) throw deadline.expired();
    await this.wire.write(this.#frameOf(name, values), deadline, true);
    const asked = askedOf(name, values);
    const { answer, rest } = await readAnswer(this.wire, name, kept, deadline, { budgetMs, slow });
    if (answer.kind === "ok") {
      if (early) this.#acknowledged = { write: asked, rest };
      return decodeResponse(name, answer.data);
    }
    if (answer.status !== CHECKSUM_ERROR) this.#refusals++;
    if (before !== undefined && PROGRAM_FAILURES.includes(answer.status)) {
      const own = early || name === "flashWriteCheck";
      const another = await anotherComes(this.wire, name, rest, deadline, own ? SECOND_ANSWER_MS : budgetMs);
      if (another || !own) throw lateRefusalOf(before.write, answer.status);
    }
    throw refusalOf(asked, answer.status, this.wire.baud);
  }

  /** Encodes what will be asked next, with these very values: it takes no time while the line is busy with another command. */
  prepare<N extends CommandName>(name: N, values: Request<N>): void {
    this.#prepared = { name, values, frame: encodeRequest(name, values) };
  }

  /** So long may one be silent, and the session still lasts. */
  get safeMs(): number {
    return SAFE_PART * IDLES * this.idleMs;
  }

  /** Whether the device has shown that it does not know a command. */
  lacks(name: CommandName): boolean {
    return this.#lacking.has(name);
  }

  /**
   * As `request`, for a command that not every device of the family knows. Such a device refuses it with FL 0101, or is
   * silent and answers boot info afterwards; it is not asked again.
   *
   * @returns `undefined` when the device does not know it.
   */
  async ask<N extends CommandName>(name: N, values: Request<N>, deadline: Deadline): Promise<Response<N> | undefined> {
    if (this.#lacking.has(name)) return undefined;
    if (this.#known.has(name)) return this.request(name, values, deadline);
    const { budgetMs } = rowOf(name);
    const patienceMs = Math.min(budgetMs, this.safeMs);
    let response: Response<N> | undefined;
    try {
      response = await this.request(name, values, deadline, { budgetMs: patienceMs });
    } catch (error) {
      if (isSilence(error) && deadline.remainingMs > 0) {
        if (rowOf(name).early) this.#acknowledged = { write: askedOf(name, values), rest: NONE };
        const leftMs = budgetMs - patienceMs + rowOf("getBootInfo").budgetMs;
        response = await this.#late(name, error, deadline, leftMs);
      } else if (!isUnknown(error)) {
        throw error;
      } else {
        await this.revive(deadline);
      }
    }
    (response === undefined ? this.#lacking : this.#known).add(name);
    return response;
  }

  /** After silence: boot info tells a device that lacks `name` from one that is busy with it, or gone. */
  async #late<N extends CommandName>(
    name: N,
    silence: HarnessError,
    deadline: Deadline,
    budgetMs: number,
  ): Promise<Response<N> | undefined> {
    try {
      const { data } = await this.request("getBootInfo", {}, deadline, { budgetMs });
      if (rowOf(name).response === undefined || BOOT_INFO_BYTES.includes(data.length)) return undefined;
      await deadline.sleep(FLUSH_MS);
      return decodeResponse(name, data);
    } catch (error) {
      throw isSilence(error) ? silence : error;
    }
  }

  /**
   * For whoever goes on after a refusal: a session that the third one has ended is opened anew, at the rate of the line.
   * Never a burst into a live one.
   *
   * @throws HarnessError COMMAND_TIMEOUT when the burst is not answered.
   */
  async revive(deadline: Deadline): Promise<void> {
    if (this.#refusals < REFUSALS) return;
    this.#refusals = 0;
    this.idleMs = IDLE_MS;
    if (await hasSession(this.wire, deadline)) return;
    const answer = await greet(this.wire, deadline);
    if (!isOk(answer)) {
      throw new HarnessError(
        "COMMAND_TIMEOUT",
        `the session at ${this.wire.baud} Bd has ended with the third refusal, and a new burst got ${hex(answer) || "nothing"}`,
        { details: { baud: this.wire.baud, bytes: hex(answer) } },
      );
    }
    await deadline.sleep(SETTLE_MS);
  }

  #frameOf<N extends CommandName>(name: N, values: Request<N>): Uint8Array {
    const prepared = this.#prepared;
    return prepared?.name === name && prepared.values === values ? prepared.frame : encodeRequest(name, values);
  }

  /** What has come since a write was acknowledged. @returns the beginning of a refusal, if there is one. */
  #listen(write: Asked, rest: Uint8Array): Uint8Array {
    const heard = Buffer.concat([rest, this.wire.arrived()]);
    const status = heard.length < 4 ? undefined : heard.readUInt16LE(2);
    const refuses = heard.length > 0 && "FL".startsWith(heard.toString("latin1", 0, Math.min(2, heard.length)));
    if (!refuses) return NONE;
    if (status === undefined) return heard;
    this.#refusals++;
    throw lateRefusalOf(write, status);
  }
}

/** Later chunks of an xz stream count compressed bytes: theirs is no address. */
function askedOf<N extends CommandName>(name: N, values: Request<N>): Asked {
  const { address } = values as { readonly address?: number };
  return { name, address: name === "flashWrite" ? address : undefined };
}
