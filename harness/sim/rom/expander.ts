import { XzDecoder } from "../../native/xz.js";

/** What the streams that are remembered may hold, packed and unpacked: more than two whole packages. */
const MOST_BYTES = 8 * 1024 * 1024;
/** And what each of their pieces costs beside its bytes: a guess, so that tiny ones are not too many to look through. */
const PIECE_BYTES = 1024;

/** What one piece of a stream expands to, behind the very pieces that lead to it. */
interface Piece {
  readonly packed: Uint8Array;
  readonly output: Uint8Array;
  readonly ended: boolean;
  readonly next: Piece[];
}

/** How every stream begins that was expanded before, in the pieces in which it came. */
const remembered = { first: [] as Piece[], bytes: 0 };

/**
 * Expands one xz stream as its pieces arrive, as `XzDecoder` does. As long as each of them is byte for byte what came at
 * this place before, its output is known, and liblzma is not asked: reflashing the same image spends a third of its time
 * there. Whoever made it disposes it.
 */
export class Expander implements Disposable {
  /** What leads up to here, all of it known. */
  readonly #path: Piece[] = [];
  #decoder: XzDecoder | undefined;

  /** The stream's end, check and index included, was met. */
  get ended(): boolean {
    return this.#decoder?.ended ?? this.#path.at(-1)?.ended ?? false;
  }

  /** @throws XzError as `XzDecoder.push`. */
  push(packed: Uint8Array): Uint8Array {
    const known = this.#decoder === undefined ? this.#nexts().find((piece) => isSame(piece.packed, packed)) : undefined;
    if (known === undefined) return this.#expand(packed);
    this.#path.push(known);
    return known.output;
  }

  [Symbol.dispose](): void {
    this.#decoder?.[Symbol.dispose]();
  }

  #nexts(): Piece[] {
    return this.#path.at(-1)?.next ?? remembered.first;
  }

  #expand(packed: Uint8Array): Uint8Array {
    this.#decoder ??= this.#caughtUp();
    const decoder = this.#decoder;
    const output = decoder.push(packed);
    const bytes = packed.length + output.length + PIECE_BYTES;
    if (remembered.bytes + bytes > MOST_BYTES) Object.assign(remembered, { first: [], bytes: 0 });
    const piece = { packed: packed.slice(), output, ended: decoder.ended, next: [] };
    this.#nexts().push(piece);
    this.#path.push(piece);
    remembered.bytes += bytes;
    return output;
  }

  #caughtUp(): XzDecoder {
    const decoder = new XzDecoder();
    for (const { packed } of this.#path) decoder.push(packed);
    return decoder;
  }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && Buffer.compare(a, b) === 0;
