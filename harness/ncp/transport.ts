import { HarnessError } from "../base/errors.js";
import type { SpiPort } from "../base/spi.js";
import { Deadline } from "../base/time.js";
import type { ReadyInput } from "../base/wire.js";
import { encodeSpiFrame, parseSpiHeader, SPI_HEADER_BYTES, SPI_TYPES } from "../protocol/spi-frame.js";
import { reaches } from "./level.js";
import { strayHeader } from "./stray.js";

/** The most that one frame carries, by ST's driver as it is shipped; both ways. */
export const MTU = 1520;
/** ST's driver waits as long for SPI_RDY before it sends. */
const RISE_MS = 2000;
/** ST's driver waits for ever, Mongoose 50 ms. */
const FALL_MS = 500;
/** No firmware that works holds its host off for so long. */
const STALL_MS = 2000;
const STALL_STEP_MS = 1;
/** CS goes low under a time of its own: what led to it may have used up the caller's. */
const DESELECT_MS = 500;
/** Frames in a row without a byte for AT: glitches of SPI_RDY and other traffic pass, but not without end. */
const MOST_IDLE_FRAMES = 4096;

/** What the module said in one transaction. */
interface Said {
  readonly type: number;
  readonly payload: Uint8Array;
  readonly isStalled: boolean;
}

const NOTHING = new Uint8Array();

/** Payloads of AT to and from the module, over frames. What comes of other types has no reader here and is dropped. */
export class Transport {
  readonly name: string;
  readonly #port: SpiPort;
  readonly #ready: ReadyInput;

  constructor(name: string, port: SpiPort, ready: ReadyInput) {
    this.name = name;
    this.#port = port;
    this.#ready = ready;
  }

  /** Whether SPI_RDY is high: the module has something to say. */
  isReady(): Promise<boolean> {
    return this.#ready.read();
  }

  /** When SPI_RDY was seen to rise. @throws HarnessError BOOT_NOT_READY when it does not within `ms`. */
  async rises(ms: number, deadline: Deadline): Promise<number> {
    if (await reaches(this.#ready, true, ms, deadline)) return deadline.clock.now();
    if (deadline.remainingMs <= 0) throw deadline.expired();
    throw new HarnessError(
      "BOOT_NOT_READY",
      `${this.name}: SPI_RDY did not rise within ${Math.max(0, Math.round(ms))} ms`,
    );
  }

  /** CS low, as between two transactions. */
  async rest(deadline: Deadline): Promise<void> {
    await this.#port.select(false, deadline);
  }

  /**
   * Sends `payload` in as many frames as it takes. What a module could not take is sent again once it can.
   *
   * @param keep is handed what the module says meanwhile.
   * @throws HarnessError NCP_NOT_READY, NCP_STUCK, NCP_STALLED, NCP_OUTDATED, SPI_NO_ANSWER, SPI_FRAME_INVALID, SPI_FAILED.
   */
  async send(payload: Uint8Array, deadline: Deadline, keep: (payload: Uint8Array) => void): Promise<void> {
    for (let at = 0; at < payload.length; at += MTU)
      await this.#sendFrame(payload.subarray(at, at + MTU), deadline, keep);
  }

  /**
   * What the module says next.
   *
   * @throws HarnessError as `send`; the deadline's when it says nothing in time.
   */
  async receive(deadline: Deadline): Promise<Uint8Array> {
    const payload = await this.hear(Number.POSITIVE_INFINITY, deadline);
    if (payload === undefined) throw deadline.expired();
    return payload;
  }

  /** As `receive`, or `undefined` when the module has nothing to say for `ms`, or in the deadline's time. */
  async hear(ms: number, deadline: Deadline): Promise<Uint8Array | undefined> {
    const end = deadline.clock.now() + ms;
    for (let frames = 0; frames < MOST_IDLE_FRAMES; frames++) {
      if (!(await reaches(this.#ready, true, end - deadline.clock.now(), deadline))) return undefined;
      const { type, payload } = await this.#transact(NOTHING, deadline);
      if (type === SPI_TYPES.at && payload.length > 0) return payload;
      if (deadline.remainingMs <= 0) return undefined;
    }
    throw new HarnessError(
      "NCP_STUCK",
      `${this.name}: SPI_RDY rose ${MOST_IDLE_FRAMES} times in a row, and nothing came that AT could read`,
    );
  }

  async #sendFrame(payload: Uint8Array, deadline: Deadline, keep: (payload: Uint8Array) => void): Promise<void> {
    const start = deadline.clock.now();
    let wasRelieved = false;
    for (let frame = payload; ; ) {
      const said = await this.#transact(frame, deadline);
      if (said.type === SPI_TYPES.at && said.payload.length > 0) keep(said.payload);
      if (!said.isStalled && frame.length > 0) return;
      if (deadline.clock.now() - start >= STALL_MS)
        throw new HarnessError("NCP_STALLED", `${this.name}: the module has taken nothing for ${STALL_MS} ms`);
      // As ST's driver: headers alone until one comes back without a stall. A module that stalls again would lead that
      // driver round and round: then the frame itself is what asks, as Zephyr's always does.
      wasRelieved ||= !said.isStalled;
      frame = wasRelieved ? payload : NOTHING;
      await deadline.sleep(STALL_STEP_MS);
    }
  }

  async #transact(payload: Uint8Array, deadline: Deadline): Promise<Said> {
    deadline.signal.throwIfAborted();
    await using _selected = { [Symbol.asyncDispose]: () => this.#deselect(deadline) };
    await this.#port.select(true, deadline);
    await this.#level(true, RISE_MS, deadline);
    const frame = encodeSpiFrame(SPI_TYPES.at, payload);
    const first = await this.#port.transfer(frame, deadline);
    const header = parseSpiHeader(first);
    if (header === undefined || header.payloadBytes > MTU) {
      // The module ends its frame by this, so the next one may be whole.
      await reaches(this.#ready, false, FALL_MS, deadline);
      if (header === undefined) throw strayHeader(this.name, first);
      throw this.#tooLong(header.payloadBytes, first);
    }
    const end = SPI_HEADER_BYTES + header.payloadBytes;
    const rest = end > first.length ? await this.#port.transfer(zeros(end - first.length), deadline) : NOTHING;
    await this.#level(false, FALL_MS, deadline);
    const whole = Buffer.concat([first, rest]);
    if (whole.length < end)
      throw new HarnessError(
        "SPI_FRAME_INVALID",
        `${this.name}: expected ${end} bytes of a frame, got ${whole.length}`,
      );
    return { type: header.type, isStalled: header.isStalled, payload: whole.subarray(SPI_HEADER_BYTES, end) };
  }

  async #level(level: boolean, ms: number, deadline: Deadline): Promise<void> {
    const within = deadline.remainingMs < ms;
    if (await reaches(this.#ready, level, ms, deadline)) return;
    if (within) throw deadline.expired();
    if (level) throw new HarnessError("NCP_NOT_READY", `${this.name}: SPI_RDY did not rise within ${ms} ms of CS`);
    throw new HarnessError("NCP_STUCK", `${this.name}: SPI_RDY did not fall within ${ms} ms of a frame`);
  }

  #deselect({ clock }: Deadline): Promise<void> {
    return this.#port.select(
      false,
      Deadline.in(DESELECT_MS, `${this.name}: CS going low`, clock, undefined, "SPI_FAILED"),
    );
  }

  #tooLong(payloadBytes: number, first: Uint8Array): HarnessError {
    const header = Buffer.from(first.subarray(0, SPI_HEADER_BYTES)).toString("hex");
    const message = `${this.name}: expected a frame of at most ${MTU} bytes, its header says ${payloadBytes}`;
    return new HarnessError("SPI_FRAME_INVALID", message, { details: { header } });
  }
}

const zeros = (bytes: number): Uint8Array => new Uint8Array((bytes + 3) & ~3);
