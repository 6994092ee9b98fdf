import { clean } from "../base/clean.js";

/** A piece of a log: what one call of the tool's printing has printed, as far as that can be told. */
export interface Piece {
  readonly line: number;
  /** As it stands in the file, made fit to be shown, and cut when it is long. */
  readonly quote: string;
  /** What the tool said: without its time, and without what a page or an editor put around it. */
  readonly text: string;
  /** The tool's own time of day. */
  readonly atMs: number | undefined;
}

/** `[08:14:13.300] - ` stands before all that the tool prints itself. A page may have escaped the brackets, or lost the dash. */
const STAMP = /\\?\[(?:\d{4}-\d{2}-\d{2}[ T])?(\d{2}):(\d{2}):(\d{2})[.,](\d{3})\\?\][ \t]{0,4}-?[ \t]{0,4}/g;
/** What quoting, tables and listings put before a line; bounded, since a file may hold anything. */
const DECORATION = /^[\s>|]{0,40}(?:\d{1,7}[.:)|]?\s)?[\s>|]{0,40}/;
const LONGEST_QUOTE = 160;
/** The tool prints nothing longer than what 1000 bytes are in hex. */
const LONGEST_TEXT = 4096;

/**
 * The pieces of a log that somebody has cut, pasted or mailed. One line of the file may hold many: some pages lose the line
 * ends, and the times tell where they were.
 */
export function* piecesOf(text: string): Generator<Piece> {
  let line = 0;
  for (const raw of text.split(/\r\n|\n|\r/)) {
    line++;
    for (const plain of unpaged(raw).split("\n")) yield* stampedPieces(plain, line);
  }
}

function* stampedPieces(plain: string, line: number): Generator<Piece> {
  const stamps = [...plain.matchAll(STAMP)];
  const head = stamps[0]?.index ?? plain.length;
  // What another program writes before each line is no line of its own.
  if (stamps.length === 0) yield { line, quote: shown(plain), text: bare(plain), atMs: undefined };
  else if (/QConn|BLFlash/i.test(plain.slice(0, head)))
    yield { line, quote: shown(plain.slice(0, head)), text: bare(plain.slice(0, head)), atMs: undefined };
  for (const [at, stamp] of stamps.entries()) {
    const end = stamps[at + 1]?.index ?? plain.length;
    const [hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = stamp.slice(1).map(Number);
    yield {
      line,
      quote: shown(plain.slice(stamp.index, end)),
      text: plain
        .slice(stamp.index + stamp[0].length, end)
        .slice(0, LONGEST_TEXT)
        .trim(),
      atMs: ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds,
    };
  }
}

const bare = (plain: string): string => plain.slice(0, LONGEST_TEXT).replace(DECORATION, "").trim();

function shown(text: string): string {
  const line = text.slice(0, LONGEST_TEXT).replace(/\s+/g, " ").trim();
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  lsquo: "'",
  rsquo: "'",
  ldquo: '"',
  rdquo: '"',
  ndash: "-",
  mdash: "-",
  lsqb: "[",
  rsqb: "]",
};

/** A line as the tool printed it, out of what pages, terminals and word processors make of one. A page's line break is `\n`. */
function unpaged(raw: string): string {
  const broken = clean(straight(raw)).replace(/<(?:br|\/?(?:p|div|li|pre|tr))\b[^<>]{0,400}>/gi, "\n");
  const tagless = broken.replace(/<\/?[a-z][^<>]{0,400}>/gi, "");
  return straight(tagless.replace(/&(?:#(x?)([0-9a-f]{1,6})|([a-z]{2,6}));/gi, entity));
}

/** Quotes, dashes and blanks of ASCII; the halves of characters are bytes of Windows' own alphabet. */
const straight = (text: string): string =>
  text
    .replace(/[\u2018\u2019\u201A\u2032\u00B4\udc91\udc92]/g, "'")
    .replace(/[\u201C\u201D\u201E\u2033\udc93\udc94]/g, '"')
    .replace(/[\u2010-\u2015\u2212\udc96\udc97]/g, "-")
    .replace(/[\u200B-\u200D\u2060\uFEFF\u00AD]/g, "")
    .replace(/[\u00A0\u2000-\u200A\u202F\u3000\t\udca0]/g, " ");

function entity(whole: string, base: string, digits: string | undefined, name: string | undefined): string {
  if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
  const code = Number.parseInt(digits ?? "", base === "" ? 10 : 16);
  return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : whole;
}
