import { type CommandName, commandOf } from "../protocol/commands.js";
import { decodeFrame } from "../protocol/frames.js";

/** A part of what the host sent that stands for itself. */
export type Part =
  | { readonly kind: "burst"; readonly ns: number; readonly bytes: Uint8Array }
  | { readonly kind: "command"; readonly ns: number; readonly bytes: Uint8Array; readonly name: CommandName }
  | { readonly kind: "raw"; readonly ns: number; readonly bytes: Uint8Array };

const BURST_BYTE = 0x55;
/** What comes later belongs to nothing before it: a frame of 2056 bytes takes 41 ms at 500 000 Bd. */
const LATE_NS = 100_000_000;

/** Takes what the host sent apart: a port hands bytes over as it likes, and a foreign host writes them so. */
export class HostBytes {
  #held: Buffer = Buffer.alloc(0);
  #heldNs = 0;
  #lastNs = 0;

  /** @returns what is whole now. */
  add(ns: number, data: Uint8Array): Part[] {
    const late = ns - this.#lastNs > LATE_NS ? this.cut() : [];
    this.#lastNs = ns;
    if (this.#held.length === 0) this.#heldNs = ns;
    this.#held = Buffer.concat([this.#held, data]);
    const parts: Part[] = [];
    for (let part = this.#next(ns); part !== undefined; part = this.#next(ns)) parts.push(part);
    return [...late, ...parts];
  }

  /** @returns what has come of something that was never ended: the module has answered meanwhile, say. */
  cut(): Part[] {
    const bytes = this.#held;
    this.#held = Buffer.alloc(0);
    return bytes.length === 0 ? [] : [{ kind: "raw", ns: this.#heldNs, bytes }];
  }

  /** What is behind it came with the bytes of `ns`. */
  #next(ns: number): Part | undefined {
    const held = this.#held;
    const [first] = held;
    if (first === undefined) return undefined;
    const take = (length: number) => {
      const place = { ns: this.#heldNs, bytes: held.subarray(0, length) };
      this.#held = held.subarray(length);
      this.#heldNs = ns;
      return place;
    };
    if (first === BURST_BYTE) {
      const end = held.findIndex((byte) => byte !== BURST_BYTE);
      return { kind: "burst", ...take(end < 0 ? held.length : end) };
    }
    const name = commandOf(first);
    if (name === undefined) return { kind: "raw", ...take(held.length) };
    const frame = decodeFrame(held);
    return frame && { kind: "command", ...take(frame.used), name };
  }
}
