import {
  BUF_ERROR,
  CHECK_CRC32,
  DATA_ERROR,
  FINISH,
  liblzma,
  lzma2,
  MEMLIMIT_ERROR,
  newStream,
  OK,
  RUN,
  STREAM_END,
  type Stream,
  XzError,
} from "./liblzma.js";

export { XzError } from "./liblzma.js";

const OUTPUT_BYTES = 64 * 1024;
const INPUT_BYTES = 64 * 1024;

interface Pumped {
  readonly output: Uint8Array;
  /** The last one: OK, STREAM_END or an error. */
  readonly returnCode: number;
}

/**
 * Feeds all of `input` and collects what comes out. Whoever drives it is told at each yield how many bytes those are by now,
 * calls `lzma_code`, and hands in what it returned.
 *
 * @param room takes what comes out at one call, until it is copied.
 */
function* pumping(
  stream: Stream,
  input: Uint8Array,
  action: number,
  room: Uint8Array,
): Generator<number, Pumped, number> {
  const parts: Uint8Array[] = [];
  let at = 0;
  let bytes = 0;
  for (;;) {
    const rest = input.subarray(at);
    Object.assign(stream, { next_in: rest, avail_in: rest.length, next_out: room, avail_out: room.length });
    const returnCode = yield bytes;
    at = input.length - stream.avail_in;
    parts.push(room.slice(0, room.length - stream.avail_out));
    bytes += room.length - stream.avail_out;
    const goesOn = returnCode === OK && (stream.avail_out === 0 || action === FINISH || at < input.length);
    if (!goesOn)
      return { output: Buffer.concat(parts), returnCode: at < input.length ? leftOver(returnCode) : returnCode };
  }
}

/** Of this size it costs more to make than to fill. */
const ROOM = new Uint8Array(OUTPUT_BYTES);

function pump(stream: Stream, input: Uint8Array, action: number): Pumped {
  const work = pumping(stream, input, action, ROOM);
  let next = work.next();
  while (!next.done) next = work.next(liblzma().code(stream, action));
  return next.value;
}

/** In another thread, piece by piece. @returns `undefined` once `isVain`, with so many bytes of output. */
async function pumpAside(
  stream: Stream,
  input: Uint8Array,
  action: number,
  isVain: (bytes: number) => boolean,
): Promise<Pumped | undefined> {
  const work = pumping(stream, input, action, new Uint8Array(OUTPUT_BYTES));
  let next = work.next();
  while (!next.done) {
    if (isVain(next.value)) return undefined;
    next = work.next(await liblzma().codeAside(stream, action));
  }
  return next.value;
}

/** The decoder has no progress to make without input: that is no fault. Bytes behind the end of the stream are one. */
const leftOver = (returnCode: number): number => (returnCode === STREAM_END ? DATA_ERROR : returnCode);

/**
 * `bytes` as one xz stream: LZMA2 with a dictionary of 32 KiB, otherwise preset 6, CRC32 check, one block without sizes.
 * The same bytes as the vendor's tool makes: boot2 8.1.9 gives 27576, and every `.xz.ota` payload is met.
 *
 * @throws HarnessError DRIVER_MISSING without liblzma.
 */
export function xzCompress(bytes: Uint8Array): Uint8Array {
  using encoder = new Encoder();
  return ended(pump(encoder.stream, bytes, FINISH));
}

/**
 * As `xzCompress`, in another thread, piece by piece: what must be known before anything is done is thrown at once.
 *
 * @param isVain asked between two pieces: nobody wants it any more.
 * @returns `undefined` when nobody wanted it.
 * @throws HarnessError DRIVER_MISSING without liblzma.
 */
export function xzCompressAside(
  bytes: Uint8Array,
  isVain: () => boolean = () => false,
): Promise<Uint8Array | undefined> {
  const encoder = new Encoder();
  return pumpAside(encoder.stream, bytes, FINISH, isVain)
    .then((pumped) => pumped && ended(pumped))
    .finally(() => encoder[Symbol.dispose]());
}

class Encoder implements Disposable {
  readonly stream = newStream();

  constructor() {
    const started = liblzma().encoder(this.stream, lzma2(), CHECK_CRC32);
    if (started !== OK) throw new XzError(started, "the xz encoder does not start");
  }

  [Symbol.dispose](): void {
    liblzma().end(this.stream);
  }
}

function ended({ output, returnCode }: Pumped): Uint8Array {
  if (returnCode !== STREAM_END) throw new XzError(returnCode, "the xz encoder stops");
  return output;
}

/** Expands one xz stream as its pieces arrive. Whoever made it disposes it. A dictionary over 32 KiB is refused. */
export class XzDecoder implements Disposable {
  readonly #stream = newStream();
  #returnCode: number;

  /** @throws HarnessError DRIVER_MISSING without liblzma. */
  constructor() {
    this.#returnCode = liblzma().decoder(this.#stream, liblzma().memoryUse(lzma2()), 0);
  }

  /** The stream's end, check and index included, was met. */
  get ended(): boolean {
    return this.#returnCode === STREAM_END;
  }

  /**
   * What `chunk` adds to the output; may be empty.
   *
   * @throws XzError for a stream that is damaged, asks for a larger dictionary or goes on behind its end; then
   * at each further call too.
   */
  push(chunk: Uint8Array): Uint8Array {
    if (chunk.length === 0 && this.#returnCode <= STREAM_END) return new Uint8Array();
    if (this.ended) this.#returnCode = DATA_ERROR;
    if (this.#returnCode > STREAM_END)
      throw new XzError(this.#returnCode, "not an xz stream that the module can expand");
    const { output, returnCode } = pump(this.#stream, chunk, RUN);
    this.#returnCode = returnCode === BUF_ERROR ? OK : returnCode;
    if (this.#returnCode > STREAM_END)
      throw new XzError(this.#returnCode, "not an xz stream that the module can expand");
    return output;
  }

  [Symbol.dispose](): void {
    liblzma().end(this.#stream);
  }
}

/**
 * What a whole xz stream holds.
 *
 * @throws XzError for a stream that is damaged, cut short, followed by other bytes or larger than `maxBytes`.
 */
export function xzDecompress(stream: Uint8Array, maxBytes: number): Uint8Array {
  using decoder = new XzDecoder();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let at = 0; at < stream.length; at += INPUT_BYTES) {
    const part = decoder.push(stream.subarray(at, at + INPUT_BYTES));
    bytes += part.length;
    if (bytes > maxBytes) throw new XzError(MEMLIMIT_ERROR, `the stream expands to more than ${maxBytes} bytes`);
    parts.push(part);
  }
  if (!decoder.ended) throw new XzError(BUF_ERROR, `the stream ends early, after ${stream.length} bytes`);
  return Buffer.concat(parts);
}

/**
 * Whether `stream` is one that the module expands to these very `bytes`; found out in another thread.
 *
 * @throws HarnessError DRIVER_MISSING without liblzma.
 */
export async function xzHolds(stream: Uint8Array, bytes: Uint8Array): Promise<boolean> {
  const decoder = newStream();
  try {
    if (liblzma().decoder(decoder, liblzma().memoryUse(lzma2()), 0) !== OK) return false;
    const pumped = await pumpAside(decoder, stream, FINISH, (output) => output > bytes.length);
    return pumped?.returnCode === STREAM_END && Buffer.compare(pumped.output, bytes) === 0;
  } finally {
    liblzma().end(decoder);
  }
}
