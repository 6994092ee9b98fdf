import { HarnessError } from "../base/errors.js";
import { hex } from "../base/hex.js";
import { type Deadline, wholeMicroseconds } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { refuseUnsafe } from "./allowed.js";
import { type AtObserver, Conversation } from "./conversation.js";
import { Transport } from "./transport.js";
import { Turns } from "./turns.js";

/** ST's driver waits as long for an answer. */
const ANSWER_MS = 2000;
/** And so long for the `>` behind which it sends data. */
const PROMPT_MS = 5000;
/** Between `ready` and the first command, in ST's driver. */
const SETTLE_MS = 100;
const READY = "\r\nready\r\n";

/** An answer that ended by OK. A character of a line is a byte: `+EFUSE-R` has any in it. */
export interface Answer {
  readonly lines: readonly string[];
  /** What came between the last answer and this command: a late part of that, or events' leavings. */
  readonly late: readonly string[];
}

/** What a firmware says of data that it was handed. */
export interface DataAnswer {
  readonly told: string;
  readonly late: readonly string[];
}

export interface CommandOptions {
  /** From the command's end on. */
  readonly timeoutMs?: number;
}

/**
 * Begins AT with the firmware that runs on a rig, and sends nothing yet.
 *
 * @throws HarnessError SPI_MISSING on a rig without SPI or without SPI_RDY as an input; SPI_FAILED.
 */
export async function openAt(
  { name, spi, ready }: Pick<Rig, "name" | "spi" | "ready" | "clock">,
  deadline: Deadline,
  observer: AtObserver = {},
): Promise<At> {
  if (spi === undefined) throw new HarnessError("SPI_MISSING", `${name}: no spi in the rig file`);
  if (ready === undefined) throw new HarnessError("SPI_MISSING", `${name}: no straps.ready in the rig file`);
  const transport = new Transport(name, spi, ready);
  await transport.rest(deadline);
  return new At(transport, observer);
}

/** AT with a running firmware. Commands that are given at once go one behind the other. */
export class At {
  readonly #transport: Transport;
  readonly #conversation: Conversation;
  readonly #turns = new Turns();

  /** `openAt` makes one. */
  constructor(transport: Transport, observer: AtObserver) {
    this.#transport = transport;
    this.#conversation = new Conversation(transport, observer);
  }

  get name(): string {
    return this.#transport.name;
  }

  /** Whether SPI_RDY is high: the module has something to say. */
  isReady(): Promise<boolean> {
    return this.#transport.isReady();
  }

  /** The last of what the module said unasked, oldest first; no more than 100. */
  get events(): readonly string[] {
    return this.#conversation.events;
  }

  /**
   * Waits for the first words of a firmware that starts: SPI_RDY within `ms` and the exact frame `ready`; then as long as
   * ST's driver does before its first command.
   *
   * @returns how long SPI_RDY took to rise.
   * @throws HarnessError BOOT_NOT_READY; AT_MALFORMED for another frame; the errors of a frame.
   */
  waitReady(ms: number, deadline: Deadline): Promise<{ readonly ms: number }> {
    return this.#turns.take(deadline, async () => {
      const { clock } = deadline;
      const start = clock.now();
      const rise = await this.#transport.rises(ms, deadline);
      const payload = await this.#transport.hear(start + ms - clock.now(), deadline);
      if (payload === undefined) throw this.#notReady(ms, deadline);
      const text = Buffer.from(payload).toString("latin1");
      if (text !== READY)
        throw new HarnessError(
          "AT_MALFORMED",
          `${this.name}: expected "\\r\\nready\\r\\n" as the first frame, got ${JSON.stringify(text.slice(0, 80))}`,
          { details: { found: hex(payload) } },
        );
      this.#conversation.startAnew();
      await deadline.sleep(SETTLE_MS);
      return { ms: wholeMicroseconds(rise - start) };
    });
  }

  /**
   * One command, without its line end, and its answer up to OK.
   *
   * @throws HarnessError AT_FORBIDDEN or USAGE before a byte is sent; AT_ERROR; AT_TIMEOUT; NCP_RESET; AT_MALFORMED; the
   * errors of a frame.
   */
  async command(text: string, deadline: Deadline, { timeoutMs = ANSWER_MS }: CommandOptions = {}): Promise<Answer> {
    refuseUnsafe(text);
    return await this.#turns.take(deadline, async () => {
      const late = await this.#conversation.say(text, deadline);
      const lines = await this.#conversation.answer(deadline.within(timeoutMs, `${this.name}: ${text}`, "AT_TIMEOUT"));
      return { lines, late };
    });
  }

  /**
   * A command behind which the module asks for bytes: OK, `>`, then they go, and a line tells what became of them.
   *
   * @returns that line; `late` has those before OK as well.
   * @throws HarnessError as `command`.
   */
  async data(
    text: string,
    bytes: Uint8Array,
    deadline: Deadline,
    { timeoutMs = ANSWER_MS }: CommandOptions = {},
  ): Promise<DataAnswer> {
    refuseUnsafe(text);
    return await this.#turns.take(deadline, async () => {
      const within = (ms: number, what: string) => deadline.within(ms, `${this.name}: ${what} ${text}`, "AT_TIMEOUT");
      const late = await this.#conversation.say(text, deadline);
      late.push(...(await this.#conversation.answer(within(ANSWER_MS, "OK to"))));
      await this.#conversation.prompt(within(PROMPT_MS, "> behind"));
      await this.#conversation.hand(bytes, deadline);
      const told = await this.#conversation.told(within(timeoutMs, "what became of the data of"));
      return { told, late };
    });
  }

  #notReady(ms: number, deadline: Deadline): HarnessError {
    if (deadline.remainingMs <= 0) return deadline.expired();
    return new HarnessError("BOOT_NOT_READY", `${this.name}: SPI_RDY rose, and no frame came within ${ms} ms`);
  }
}
