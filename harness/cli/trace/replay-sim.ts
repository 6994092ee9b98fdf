import type { RigConfig } from "../../../rigs/file/schema.js";
import { randomOf } from "../../base/random.js";
import { Deadline } from "../../base/time.js";
import type { Straps, Wire } from "../../base/wire.js";
import { rowOf } from "../../protocol/commands.js";
import { heardWithin } from "../../session/greet.js";
import { SimModule } from "../../sim/module.js";
import { startAs } from "../../sim/port/control.js";
import { VirtualClock } from "../../sim/time/clock.js";
import type { Exchange } from "../../trace/exchanges.js";
import type { Trace } from "../../trace/read.js";
import { type Event, type Item, timelineOf } from "../../trace/timeline.js";
import { type Replayed, refuseDifferent } from "./replay.js";

/** A trace takes as long as it took, on a clock that jumps: each wait has a limit of its own. */
const BUDGET_MS = Number.POSITIVE_INFINITY;
/** What comes behind an answer comes at once. */
const QUIET_MS = 10;
/** A boot that prints for ever is not listened to for ever. */
const MOST_BEHIND = 4096;
/** What is no command is answered within. */
const BOOT_MS = 5000;

/**
 * Gives the host's side of a trace to a simulated module, on a clock that jumps, with the pauses that the host made, and
 * holds what the module says against what was recorded. It may take longer for that, but not for ever. A trace that drives
 * no lines finds the module in its boot ROM.
 *
 * @throws HarnessError TRACE_DIFFERS at the first byte that is another one; what the module's settings are refused with.
 */
export async function replaySim({ records }: Trace, config: RigConfig, signal: AbortSignal): Promise<Replayed> {
  const clock = new VirtualClock();
  const module = new SimModule(config.sim, clock, randomOf(1, "rig"));
  if (!records.some((each) => each.type === "line" && each.line === "chipEn")) startAs("rom", module.pins);
  const deadline = Deadline.in(BUDGET_MS, "the replay", clock, signal);
  const { wire, straps } = module.connect();
  await using far = new Far(wire, straps, deadline);
  return await far.play(timelineOf(records));
}

class Far implements AsyncDisposable {
  readonly #wire: Wire;
  readonly #straps: Straps;
  readonly #deadline: Deadline;
  #number = 0;
  readonly #replayed = { commands: 0, bursts: 0, passedOver: 0, boots: 0 };

  constructor(wire: Wire, straps: Straps, deadline: Deadline) {
    this.#wire = wire;
    this.#straps = straps;
    this.#deadline = deadline;
  }

  async play(items: readonly Item[]): Promise<Replayed> {
    let recordedMs = 0;
    for (const { atMs, endMs, event, exchange } of items) {
      if (atMs > recordedMs) await this.#deadline.sleep(atMs - recordedMs);
      // Lines go on while a boot prints.
      recordedMs = Math.max(recordedMs, exchange?.kind === "boot" && exchange.received.length === 0 ? atMs : endMs);
      if (event !== undefined) await this.#follow(event);
      else await this.#ask(exchange);
    }
    return this.#replayed;
  }

  async #follow(event: Event): Promise<void> {
    if (event.type === "line") await this.#straps.set(event.line, event.asserted, this.#deadline);
    if (event.type === "baud" && event.baud > 0) await this.#wire.setBaud(event.baud, this.#deadline);
  }

  async #ask(exchange: Exchange): Promise<void> {
    const { kind, sent, received: expected, durationMs } = exchange;
    const number = ++this.#number;
    if (kind === "command") this.#replayed.commands++;
    if (kind === "burst") this.#replayed.bursts++;
    if (kind === "boot" && exchange.start === "application") this.#replayed.boots++;
    // What nobody had asked for, or had waited for, may as well not come.
    if (kind === "heard" || (kind === "boot" && expected.length === 0)) return;
    if (sent.length > 0) {
      this.#wire.drop();
      await this.#wire.write(sent, this.#deadline);
    }
    const patienceMs = Math.max(kind === "command" ? rowOf(exchange.name).budgetMs : BOOT_MS, durationMs);
    const heard =
      expected.length === 0 ? await this.#within(durationMs) : await this.#hear(expected.length, patienceMs);
    // A boot goes on printing; its host had heard enough.
    const found = kind === "boot" ? heard.subarray(0, expected.length) : heard;
    refuseDifferent(exchange, number, { who: "what the simulated module answers", expected, found });
  }

  /** So many bytes, and what comes right behind them. */
  async #hear(bytes: number, patienceMs: number): Promise<Uint8Array> {
    let heard: Uint8Array = new Uint8Array();
    for (;;) {
      const chunk = await this.#within(heard.length < bytes ? patienceMs : QUIET_MS);
      if (chunk.length === 0) return heard;
      heard = Buffer.concat([heard, chunk]);
      if (heard.length > bytes + MOST_BEHIND) return heard;
    }
  }

  #within(ms: number): Promise<Uint8Array> {
    return heardWithin(this.#wire, this.#deadline, ms);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#wire[Symbol.asyncDispose]();
  }
}
