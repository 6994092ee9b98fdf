import { openLibrary } from "./library.js";

const LIBRARY = "liblzma.so.5";
/** The module's boot ROM expands with a window of this size; the vendor's streams all use it. */
const DICTIONARY_BYTES = 32 * 1024;
const PRESET = 6;
const CHECK_CRC32 = 1;
const FILTER_LZMA2 = 0x21n;
const FILTER_END = 0xffff_ffff_ffff_ffffn;
/** Room for `lzma_options_lzma` (112 bytes on 64-bit systems); its first word is the dictionary size. */
const OPTIONS_BYTES = 256;
const OUTPUT_BYTES = 64 * 1024;
const INPUT_BYTES = 64 * 1024;

const RUN = 0;
const FINISH = 3;
const OK = 0;
const STREAM_END = 1;
const MEMLIMIT_ERROR = 6;
const DATA_ERROR = 9;
const BUF_ERROR = 10;

const RETURN_CODES = [
  "LZMA_OK",
  "LZMA_STREAM_END",
  "LZMA_NO_CHECK",
  "LZMA_UNSUPPORTED_CHECK",
  "LZMA_GET_CHECK",
  "LZMA_MEM_ERROR",
  "LZMA_MEMLIMIT_ERROR",
  "LZMA_FORMAT_ERROR",
  "LZMA_OPTIONS_ERROR",
  "LZMA_DATA_ERROR",
  "LZMA_BUF_ERROR",
  "LZMA_PROG_ERROR",
];

/** What liblzma says against a stream. `returnCode` is its `lzma_ret`: 9 damaged, 10 cut short, 6 dictionary too large. */
export class XzError extends Error {
  override readonly name = "XzError";
  readonly returnCode: number;

  constructor(returnCode: number, what: string) {
    super(`${what} (${RETURN_CODES[returnCode] ?? `lzma_ret ${returnCode}`})`);
    this.returnCode = returnCode;
  }
}

/**
 * `lzma_stream` as a plain object, copied in and out at each call: liblzma keeps no pointer to it in between.
 * Every field is spelled out, as liblzma refuses reserved fields that are not zero.
 */
interface Stream {
  next_in: Uint8Array | null;
  avail_in: number;
  next_out: Uint8Array | null;
  avail_out: number;
}

interface Filter {
  readonly id: bigint;
  readonly options: Uint8Array | null;
}

interface Liblzma {
  preset(options: Uint8Array, preset: number): boolean;
  memoryUse(filters: readonly Filter[]): bigint;
  encoder(stream: Stream, filters: readonly Filter[], check: number): number;
  decoder(stream: Stream, memoryLimit: bigint, flags: number): number;
  code(stream: Stream, action: number): number;
  end(stream: Stream): void;
}

let loaded: Liblzma | undefined;

function liblzma(): Liblzma {
  loaded ??= openLiblzma(LIBRARY);
  return loaded;
}

/** @throws HarnessError DRIVER_MISSING when there is no such library. */
export function openLiblzma(file: string): Liblzma {
  const wanted = { file, expected: "the xz library", advice: "Install the Debian package liblzma5." };
  return openLibrary(wanted, (library, koffi) => {
    const filter = koffi.struct({ id: "uint64_t", options: "void *" });
    const stream = koffi.struct({
      next_in: "void *",
      avail_in: "size_t",
      total_in: "uint64_t",
      next_out: "void *",
      avail_out: "size_t",
      total_out: "uint64_t",
      allocator: "void *",
      internal: "void *",
      reserved_pointers: koffi.array("void *", 4),
      seek_position: "uint64_t",
      reserved_int2: "uint64_t",
      reserved_sizes: koffi.array("size_t", 2),
      reserved_enums: koffi.array("int", 2),
    });
    const streamInOut = koffi.inout(koffi.pointer(stream));
    const filters = koffi.pointer(filter);
    const memoryUse = library.func("lzma_raw_decoder_memusage", "uint64_t", [filters]);
    return {
      preset: library.func("lzma_lzma_preset", "bool", ["void *", "uint32_t"]),
      memoryUse: (chain) => BigInt(memoryUse(chain)),
      encoder: library.func("lzma_stream_encoder", "int", [streamInOut, filters, "int"]),
      decoder: library.func("lzma_stream_decoder", "int", [streamInOut, "uint64_t", "uint32_t"]),
      code: library.func("lzma_code", "int", [streamInOut, "int"]),
      end: library.func("lzma_end", "void", [streamInOut]),
    };
  });
}

function lzma2(): readonly Filter[] {
  const options = new Uint8Array(OPTIONS_BYTES);
  liblzma().preset(options, PRESET);
  new Uint32Array(options.buffer)[0] = DICTIONARY_BYTES;
  return [
    { id: FILTER_LZMA2, options },
    { id: FILTER_END, options: null },
  ];
}

function newStream(): Stream {
  const reserved = { reserved_pointers: [null, null, null, null], reserved_sizes: [0, 0], reserved_enums: [0, 0] };
  const counts = { total_in: 0, total_out: 0, seek_position: 0, reserved_int2: 0 };
  const pointers = { next_in: null, next_out: null, allocator: null, internal: null };
  return { ...pointers, avail_in: 0, avail_out: 0, ...counts, ...reserved };
}

/** What comes out at one call, until it is copied: of this size it costs more to make than to fill. */
const ROOM = new Uint8Array(OUTPUT_BYTES);

/** Feeds all of `input` and collects what comes out. @returns the last return code: OK, STREAM_END or an error. */
function pump(stream: Stream, input: Uint8Array, action: number): { output: Uint8Array; returnCode: number } {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    const rest = input.subarray(at);
    Object.assign(stream, { next_in: rest, avail_in: rest.length, next_out: ROOM, avail_out: ROOM.length });
    const returnCode = liblzma().code(stream, action);
    at = input.length - stream.avail_in;
    parts.push(ROOM.slice(0, ROOM.length - stream.avail_out));
    const goesOn = returnCode === OK && (stream.avail_out === 0 || action === FINISH || at < input.length);
    if (!goesOn)
      return { output: Buffer.concat(parts), returnCode: at < input.length ? leftOver(returnCode) : returnCode };
  }
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
  const stream = newStream();
  try {
    const started = liblzma().encoder(stream, lzma2(), CHECK_CRC32);
    if (started !== OK) throw new XzError(started, "the xz encoder does not start");
    const { output, returnCode } = pump(stream, bytes, FINISH);
    if (returnCode !== STREAM_END) throw new XzError(returnCode, "the xz encoder stops");
    return output;
  } finally {
    liblzma().end(stream);
  }
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
