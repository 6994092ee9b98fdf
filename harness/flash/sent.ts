import { liblzma } from "../native/liblzma.js";
import { xzCompress, xzCompressAside } from "../native/xz.js";

/** What goes over the line for a file: the bytes themselves, or one complete xz stream of them. */
export interface Payload {
  readonly payload: Uint8Array;
  readonly mode: "plain" | "xz";
}

/** Streams of earlier processes. Nothing of it may ever fail a flash. */
export interface KeptStreams {
  /** A stream that holds these very `bytes`. */
  find(sha256: string, bytes: Uint8Array): Promise<Uint8Array | undefined>;
  add(sha256: string, stream: Uint8Array): void;
}

/** So many streams stay in memory: the newest. */
const MOST = 64;
/** By the SHA-256 of what they hold: a thousand flashes compress once. */
const made = new Map<string, Uint8Array>();

/**
 * A payload that another thread makes, from `begin` on: while the module is strapped, greeted and erased. Not sooner: on
 * few processors it would stand in the way of what comes before that. Who can wait awaits `ready`, which begins it, too;
 * for anybody else it is made at once.
 */
export class Sent {
  readonly #bytes: Uint8Array;
  readonly #sha256: string;
  readonly #kept: KeptStreams | undefined;
  #making: Promise<void> | undefined;
  #stream: Uint8Array | undefined;

  /** @throws HarnessError DRIVER_MISSING without liblzma: told before the module is touched. */
  constructor(bytes: Uint8Array, sha256: string, kept?: KeptStreams) {
    this.#bytes = bytes;
    this.#sha256 = sha256;
    this.#kept = kept;
    if (this.#known() === undefined) liblzma();
  }

  begin(): void {
    if (this.#making !== undefined || this.#known() !== undefined) return;
    this.#making = this.#kept === undefined ? this.#make() : this.#findOrMake(this.#kept);
    // Whoever awaits it hears of it.
    this.#making.catch(() => undefined);
  }

  ready(): Promise<void> {
    this.begin();
    return this.#making ?? Promise.resolve();
  }

  get payload(): Payload {
    return payloadOf(this.#bytes, this.#known() ?? this.#keep(xzCompress(this.#bytes)));
  }

  #known(): Uint8Array | undefined {
    this.#stream ??= made.get(this.#sha256);
    return this.#stream;
  }

  #keep(stream: Uint8Array): Uint8Array {
    this.#stream = stream;
    made.set(this.#sha256, stream);
    const [oldest = ""] = made.keys();
    if (made.size > MOST) made.delete(oldest);
    return stream;
  }

  #make(kept?: KeptStreams): Promise<void> {
    return xzCompressAside(this.#bytes, () => this.#known() !== undefined).then((stream) => {
      if (stream === undefined || this.#known() !== undefined) return;
      kept?.add(this.#sha256, this.#keep(stream));
    });
  }

  async #findOrMake(kept: KeptStreams): Promise<void> {
    const found = await kept.find(this.#sha256, this.#bytes);
    if (this.#known() !== undefined) return;
    if (found === undefined) await this.#make(kept);
    else this.#keep(found);
  }
}

/** xz where that is shorter. */
const payloadOf = (bytes: Uint8Array, stream: Uint8Array): Payload =>
  stream.length < bytes.length ? { payload: stream, mode: "xz" } : { payload: bytes, mode: "plain" };
