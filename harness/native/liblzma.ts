import { promisify } from "node:util";
import { openLibrary } from "./library.js";

const LIBRARY = "liblzma.so.5";
/** The module's boot ROM expands with a window of this size; the vendor's streams all use it. */
const DICTIONARY_BYTES = 32 * 1024;
const PRESET = 6;
export const CHECK_CRC32 = 1;
const FILTER_LZMA2 = 0x21n;
const FILTER_END = 0xffff_ffff_ffff_ffffn;
/** Room for `lzma_options_lzma` (112 bytes on 64-bit systems); its first word is the dictionary size. */
const OPTIONS_BYTES = 256;

/** `lzma_action`, and the `lzma_ret` that are told apart. */
export const RUN = 0;
export const FINISH = 3;
export const OK = 0;
export const STREAM_END = 1;
export const MEMLIMIT_ERROR = 6;
export const DATA_ERROR = 9;
export const BUF_ERROR = 10;

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
export interface Stream {
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
  /** The same in a thread of its own. The stream and its buffers are left alone until then. */
  codeAside(stream: Stream, action: number): Promise<number>;
  end(stream: Stream): void;
}

let loaded: Liblzma | undefined;

/** @throws HarnessError DRIVER_MISSING without it. */
export function liblzma(): Liblzma {
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
    const code = library.func("lzma_code", "int", [streamInOut, "int"]);
    return {
      preset: library.func("lzma_lzma_preset", "bool", ["void *", "uint32_t"]),
      memoryUse: (chain) => BigInt(memoryUse(chain)),
      encoder: library.func("lzma_stream_encoder", "int", [streamInOut, filters, "int"]),
      decoder: library.func("lzma_stream_decoder", "int", [streamInOut, "uint64_t", "uint32_t"]),
      code,
      codeAside: promisify(code.async) as Liblzma["codeAside"],
      end: library.func("lzma_end", "void", [streamInOut]),
    };
  });
}

/** LZMA2 with a dictionary of 32 KiB, otherwise preset 6. */
export function lzma2(): readonly Filter[] {
  const options = new Uint8Array(OPTIONS_BYTES);
  liblzma().preset(options, PRESET);
  new Uint32Array(options.buffer)[0] = DICTIONARY_BYTES;
  return [
    { id: FILTER_LZMA2, options },
    { id: FILTER_END, options: null },
  ];
}

export function newStream(): Stream {
  const reserved = { reserved_pointers: [null, null, null, null], reserved_sizes: [0, 0], reserved_enums: [0, 0] };
  const counts = { total_in: 0, total_out: 0, seek_position: 0, reserved_int2: 0 };
  const pointers = { next_in: null, next_out: null, allocator: null, internal: null };
  return { ...pointers, avail_in: 0, avail_out: 0, ...counts, ...reserved };
}
