import { HarnessError } from "../../base/errors.js";
import { Deadline } from "../../base/time.js";
import type { CommandName, Request } from "../../protocol/commands.js";
import { burstBytes, greet } from "../../session/greet.js";
import { BootRom } from "../../session/rom.js";
import { VirtualClock } from "../../sim/time/clock.js";
import type { Exchange } from "../../trace/exchanges.js";
import type { Trace } from "../../trace/read.js";
import { timelineOf } from "../../trace/timeline.js";
import { RecordedWire } from "./recorded-wire.js";
import { differs, type Replayed, refuseDifferent } from "./replay.js";

/** A trace takes as long as it took, on a clock that jumps: each wait has a limit of its own. */
const BUDGET_MS = Number.POSITIVE_INFINITY;
const WHO = "what our session sends now";

/**
 * Gives the device's side of a trace to our own session, on a clock that jumps: the recorded commands are asked again, with
 * the values that they had, and each byte that is sent for them is held against the recorded one. What the session makes of
 * an answer is its own business: what it asked next is recorded, too.
 *
 * @throws HarnessError TRACE_DIFFERS at the first byte that would be another one.
 */
export async function replayHost({ records }: Trace, signal: AbortSignal): Promise<Replayed> {
  const host = new Host(signal);
  for (const { event, exchange } of timelineOf(records)) {
    if (event?.type === "baud") await host.wire.setBaud(event.baud);
    if (exchange !== undefined) await host.ask(exchange);
  }
  return host.replayed;
}

class Host {
  readonly wire = new RecordedWire(0);
  readonly #deadline: Deadline;
  #rom = new BootRom(this.wire, true);
  #number = 0;
  #starts: Extract<Exchange, { kind: "boot" }>["start"] | undefined;
  #commands = 0;
  #bursts = 0;
  #passedOver = 0;
  #boots = 0;

  constructor(signal: AbortSignal) {
    this.#deadline = Deadline.in(BUDGET_MS, "the replay", new VirtualClock(), signal);
  }

  get replayed(): Replayed {
    return { commands: this.#commands, bursts: this.#bursts, passedOver: this.#passedOver, boots: this.#boots };
  }

  async ask(exchange: Exchange): Promise<void> {
    const number = ++this.#number;
    this.wire.expect(exchange.received);
    if (exchange.kind === "boot") {
      this.#starts = exchange.start;
      if (exchange.start === "application") this.#boots++;
    } else if (exchange.kind === "command" && exchange.values !== undefined) {
      this.#commands++;
      const { name, values } = exchange;
      await this.#held(exchange, number, () => this.#rom.request(name, values as Request<CommandName>, this.#deadline));
    } else if (exchange.kind === "burst" && !this.#isForBoot2(exchange)) {
      this.#bursts++;
      await this.#held(exchange, number, () => greet(this.wire, this.#deadline));
      this.#rom = new BootRom(this.wire, true);
    } else if (exchange.kind !== "heard") {
      // No code of ours sends half a frame.
      this.#passedOver++;
      this.#rom = new BootRom(this.wire, true);
    }
  }

  /** boot2 is greeted with a stream of 0x55 that ends when it answers. */
  #isForBoot2({ sent, baud }: Exchange): boolean {
    return this.#starts === "application" && sent.length !== burstBytes(baud);
  }

  /** An answer that is none, or a refusal, is as it was; to send nothing at all is not. */
  async #held(exchange: Exchange, number: number, work: () => Promise<unknown>): Promise<void> {
    let refused: HarnessError | undefined;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof HarnessError) || this.#deadline.signal.aborted) throw error;
      refused = error;
    }
    const { written } = this.wire;
    if (written.length === 0 && refused !== undefined)
      throw differs(exchange, number, `our session does not send it any more: ${refused.message}`);
    refuseDifferent(exchange, number, { who: WHO, expected: exchange.sent, found: written });
  }
}
