import { HarnessError } from "../base/errors.js";
import { hex } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { Wire } from "../base/wire.js";
import { type CommandName, type Request, type Response, rowOf } from "../protocol/commands.js";
import { decodeReply, decodeResponse, encodeRequest, type Reply } from "../protocol/frames.js";
import { statusText } from "../protocol/status.js";

/** The one refusal that tells of the line and not of the chip. */
const CHECKSUM_ERROR = 0x0103;

/** A conversation with a boot ROM that has answered the handshake: one command at a time, in order. */
export class BootRom {
  readonly wire: Wire;
  readonly #mayBurn: boolean;

  /** @param mayBurn whether fuses may be written at all here: the rig file says so, and never in a run. */
  constructor(wire: Wire, mayBurn: boolean) {
    this.wire = wire;
    this.#mayBurn = mayBurn;
  }

  /**
   * Sends one command and waits for its answer: no silence longer than the command's budget, and no longer than `deadline`.
   * Nothing is ever sent twice here.
   *
   * @throws HarnessError BURN_REFUSED before anything is sent; COMMAND_REFUSED with the chip's `status`; COMMAND_TIMEOUT; REPLY_MALFORMED.
   */
  async request<N extends CommandName>(name: N, values: Request<N>, deadline: Deadline): Promise<Response<N>> {
    if (rowOf(name).irreversible && !this.#mayBurn) {
      throw new HarnessError("BURN_REFUSED", `${name}: fuses are not to be written here, and nothing was sent`);
    }
    this.wire.drop();
    await this.wire.write(encodeRequest(name, values), deadline);
    const reply = await this.#reply(name, deadline);
    if (reply.kind === "ok") return decodeResponse(name, reply.data);
    if (reply.status === CHECKSUM_ERROR) {
      throw new HarnessError(
        "COMMAND_DAMAGED",
        `${name} at ${this.wire.baud} Bd: the chip got other bytes than were sent`,
        {
          details: { command: name, baud: this.wire.baud },
        },
      );
    }
    throw new HarnessError("COMMAND_REFUSED", `${name}: the chip refused with ${statusText(reply.status)}`, {
      details: { command: name, status: reply.status },
    });
  }

  async #reply(name: CommandName, deadline: Deadline): Promise<Exclude<Reply, { kind: "pending" }>> {
    const { response, budgetMs } = rowOf(name);
    let buffer: Uint8Array = new Uint8Array();
    for (;;) {
      const found = decodeReply(buffer, response !== undefined);
      if (found === undefined) {
        buffer = Buffer.concat([buffer, await this.#read(name, buffer, deadline.within(budgetMs, name))]);
      } else if (found.reply.kind === "pending") {
        buffer = buffer.slice(found.used);
      } else {
        return found.reply;
      }
    }
  }

  async #read(name: CommandName, before: Uint8Array, silence: Deadline): Promise<Uint8Array> {
    try {
      return await this.wire.read(silence);
    } catch (cause) {
      if (!(cause instanceof HarnessError) || cause.code !== "COMMAND_TIMEOUT") throw cause;
      const seen = before.length === 0 ? "nothing" : `only ${hex(before)}`;
      const budgetMs = rowOf(name).budgetMs;
      throw new HarnessError("COMMAND_TIMEOUT", `${name} at ${this.wire.baud} Bd: ${seen} came in ${budgetMs} ms`, {
        details: { command: name, baud: this.wire.baud, bytes: hex(before) },
      });
    }
  }
}
