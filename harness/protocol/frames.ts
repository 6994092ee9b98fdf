import { HarnessError } from "../base/errors.js";
import { hex } from "../base/hex.js";
import { type CommandName, type Request, type Response, rowOf } from "./commands.js";
import { pack, unpack, view } from "./fields.js";

/** What the device can say: done (with data where the command has some), working on it, or no and why. */
export type Reply =
  | { readonly kind: "ok"; readonly data: Uint8Array }
  | { readonly kind: "pending" }
  | { readonly kind: "refused"; readonly status: number };

/** A request as the device finds it on the line: not yet known to be a command at all. */
export interface Frame {
  readonly opcode: number;
  readonly checksum: number;
  readonly payload: Uint8Array;
}

const HEADER_BYTES = 4;
const OK = Uint8Array.of(0x4f, 0x4b);
const PD = Uint8Array.of(0x50, 0x44);
const FL = Uint8Array.of(0x46, 0x4c);
/** The vendor's newer hosts skip a second one; a line that says nothing but OK is no answer. */
const MOST_OKS = 4;

/** Low byte of the sum of both length bytes and the payload; the opcode is not in it. */
function checksumOf(payload: Uint8Array): number {
  let sum = (payload.length & 0xff) + (payload.length >> 8);
  // Both ends do it for every byte of a flash: with an iterator it takes five times as long.
  for (let at = 0; at < payload.length; at++) sum += payload[at] ?? 0;
  return sum & 0xff;
}

/** Opcode, checksum, length (LE16), payload. @throws RangeError for a payload that two bytes of length do not hold. */
export function encodeRequest<N extends CommandName>(name: N, values: Request<N>): Uint8Array {
  const { opcode, request, unchecked } = rowOf(name);
  const frame = pack(request, values, HEADER_BYTES);
  const payload = frame.subarray(HEADER_BYTES);
  if (payload.length > 0xffff)
    throw new RangeError(`${name}: a payload of ${payload.length} bytes, expected 65535 at most`);
  frame.set([opcode, unchecked ? 0 : checksumOf(payload), payload.length & 0xff, payload.length >> 8]);
  return frame;
}

/** The frame at the front of `buffer`, or `undefined` while it is incomplete. Any four bytes are a header. */
export function decodeFrame(buffer: Uint8Array): { frame: Frame; used: number } | undefined {
  if (buffer.length < HEADER_BYTES) return undefined;
  const header = view(buffer);
  const used = HEADER_BYTES + header.getUint16(2, true);
  if (buffer.length < used) return undefined;
  const frame = { opcode: header.getUint8(0), checksum: header.getUint8(1), payload: buffer.slice(HEADER_BYTES, used) };
  return { frame, used };
}

/** The device's rule: a checksum byte of 0 switches the check off. */
export const checksumHolds = ({ checksum, payload }: Frame): boolean =>
  checksum === 0 || checksum === checksumOf(payload);

/** The fields of a request's payload, or `undefined` when its length does not fit. */
export const decodeRequest = <N extends CommandName>(name: N, payload: Uint8Array): Request<N> | undefined =>
  unpack(rowOf(name).request, payload) as Request<N> | undefined;

/** The device's side of `decodeReply`. */
export function encodeReply(name: CommandName, reply: Reply): Uint8Array {
  if (reply.kind === "pending") return PD;
  if (reply.kind === "refused") return Buffer.concat([FL, u16(reply.status)]);
  return rowOf(name).response === undefined ? OK : Buffer.concat([OK, u16(reply.data.length), reply.data]);
}

export const encodeResponse = <N extends CommandName>(name: N, values: Response<N>): Uint8Array =>
  pack(rowOf(name).response ?? {}, values);

/**
 * Reads at most one reply from the front of `buffer`. Exact: one `O` or `K` is not an OK.
 * A few further OKs before a length are skipped: 0x4B4F would be longer than any answer.
 *
 * @param hasData whether OK is followed by a length and data: the bytes alone do not tell.
 * @returns the reply and how many bytes it took, or `undefined` while it is incomplete.
 * @throws HarnessError REPLY_MALFORMED as soon as the bytes cannot become a reply.
 */
export function decodeReply(buffer: Uint8Array, hasData: boolean): { reply: Reply; used: number } | undefined {
  if (startsWith(buffer, PD)) return { reply: { kind: "pending" }, used: 2 };
  if (startsWith(buffer, FL)) {
    if (buffer.length < 4) return undefined;
    return { reply: { kind: "refused", status: view(buffer).getUint16(2, true) }, used: 4 };
  }
  if (!startsWith(buffer, OK)) {
    if (buffer.length < 2 && [OK, PD, FL].some((tag) => buffer.length === 0 || buffer[0] === tag[0])) return undefined;
    throw new HarnessError("REPLY_MALFORMED", `expected OK, PD or FL, got ${hex(buffer)}`, {
      details: { bytes: hex(buffer) },
    });
  }
  if (!hasData) return { reply: { kind: "ok", data: new Uint8Array() }, used: 2 };
  let at = 2;
  while (startsWith(buffer.subarray(at), OK)) at += 2;
  if (at > MOST_OKS * OK.length) {
    throw new HarnessError("REPLY_MALFORMED", `expected a length after OK, got OK ${at / OK.length} times`, {
      details: { bytes: hex(buffer.subarray(0, at)) },
    });
  }
  if (buffer.length < at + 2) return undefined;
  const start = at + 2;
  const end = start + view(buffer).getUint16(at, true);
  return buffer.length < end ? undefined : { reply: { kind: "ok", data: buffer.slice(start, end) }, used: end };
}

/** @throws HarnessError REPLY_MALFORMED when the data's length does not fit the command. */
export function decodeResponse<N extends CommandName>(name: N, data: Uint8Array): Response<N> {
  const values = unpack(rowOf(name).response ?? {}, data);
  if (values !== undefined) return values as Response<N>;
  throw new HarnessError("REPLY_MALFORMED", `${name}: an answer of ${data.length} bytes does not fit: ${hex(data)}`);
}

const startsWith = (buffer: Uint8Array, tag: Uint8Array): boolean => buffer[0] === tag[0] && buffer[1] === tag[1];

const u16 = (value: number): Uint8Array => Uint8Array.of(value & 0xff, value >> 8);
