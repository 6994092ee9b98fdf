import { isUtf8 } from "node:buffer";

/** A byte that is no text stands in a text as this and its value: half of a character, which no text has by itself. */
const ESCAPE = 0xdc00;
const LONGEST_CHARACTER = 4;

const MARKS = [
  ["UTF-32", [0xff, 0xfe, 0, 0]],
  ["UTF-32", [0, 0, 0xfe, 0xff]],
  ["UTF-16LE", [0xff, 0xfe]],
  ["UTF-16BE", [0xfe, 0xff]],
  ["UTF-8", [0xef, 0xbb, 0xbf]],
] as const;

/** Text out of a file: `offsetOf` tells the byte in the file of a place in `text`. Or what the bytes are instead. */
export type Decoded =
  | { readonly text: string; offsetOf(index: number): number }
  | { readonly text: undefined; readonly found: string };

/**
 * UTF-8, with a byte order mark or without, or UTF-16 with one, as PowerShell writes it. Bytes of another encoding are kept
 * as characters that `oddIn` finds: where they stand in a comment they do no harm, and only who reads the text knows that.
 */
export function decodeText(bytes: Uint8Array): Decoded {
  const [encoding, mark] = MARKS.find(([, mark]) => mark.every((byte, at) => bytes[at] === byte)) ?? ["UTF-8", []];
  const content = Buffer.from(bytes.subarray(mark.length));
  if (encoding === "UTF-32") return { text: undefined, found: "text in UTF-32" };
  if (encoding !== "UTF-8") {
    if (content.length % 2 !== 0) return { text: undefined, found: `${encoding} with an odd number of bytes` };
    const text = (encoding === "UTF-16BE" ? content.swap16() : content).toString("utf16le");
    if (text.includes("\0")) return { text: undefined, found: "binary data" };
    return { text, offsetOf: (index) => mark.length + 2 * index };
  }
  if (content.includes(0)) return { text: undefined, found: withoutMark(content) };
  const text = isUtf8(content) ? content.toString("utf8") : escaped(content);
  return { text, offsetOf: (index) => mark.length + bytesOf(text.slice(0, index)) };
}

/** What is the first thing in `text` that its encoding does not have; `undefined`: nothing. */
export function oddIn(text: string): { readonly index: number; readonly told: string } | undefined {
  const found = /\p{Surrogate}/u.exec(text);
  if (found === null) return undefined;
  const code = found[0].charCodeAt(0);
  const isByte = code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff;
  const byte = (code & 0xff).toString(16).toUpperCase();
  return { index: found.index, told: isByte ? `the byte 0x${byte}, which is no UTF-8` : "half a character of UTF-16" };
}

function escaped(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const character = characterAt(bytes, at);
    text += character?.toString("utf8") ?? String.fromCharCode(ESCAPE + bytes.readUInt8(at));
    at += character?.length ?? 1;
  }
  return text;
}

function characterAt(bytes: Buffer, at: number): Buffer | undefined {
  for (let length = 1; length <= Math.min(LONGEST_CHARACTER, bytes.length - at); length++) {
    const piece = bytes.subarray(at, at + length);
    if (isUtf8(piece)) return piece;
  }
  return undefined;
}

/** A lone half would be written as the three bytes of a replacement. */
const bytesOf = (text: string): number => Buffer.byteLength(text) - 2 * [...text.matchAll(/\p{Surrogate}/gu)].length;

/** Latin text in UTF-16 has a zero in every other byte. */
function withoutMark(bytes: Uint8Array): string {
  const zeros = [0, 1].map((first) => bytes.filter((byte, at) => at % 2 === first && byte === 0).length);
  const name = [zeros[0] === 0 && "UTF-16LE", zeros[1] === 0 && "UTF-16BE"].find((name) => name !== false);
  const most = Math.max(...zeros) >= bytes.length / 4;
  return name !== undefined && most ? `${name} without a byte order mark` : "binary data";
}
