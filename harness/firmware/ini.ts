import { type Flaw, flawed } from "./flaw.js";

/** A range of flash, in bytes. */
export interface Range {
  readonly address: number;
  readonly bytes: number;
}

/** One file to program, as the ini names it. */
export interface IniFile {
  readonly section: string;
  readonly filedir: string;
  /** `@partition`: where the partition table puts the section's name. */
  readonly address: number | "@partition";
}

/** The vendor's flash configuration. */
export interface FlashIni {
  /** 0: never erase. 1: each file's own range. 2: the whole chip first. */
  readonly erase: 0 | 1 | 2;
  /** Ranges that are neither erased nor written. */
  readonly skip: readonly Range[];
  /** Reach the boot ROM through boot2 instead of the strap. */
  readonly boot2Isp: boolean;
  /** In the order of the ini. */
  readonly files: readonly IniFile[];
}

interface Section {
  readonly name: string;
  readonly line: number;
  readonly values: ReadonlyMap<string, { readonly value: string; readonly line: number }>;
}

const CFG = "cfg";
const CFG_KEYS = ["erase", "skip_mode", "boot2_isp_mode"];
const FILE_KEYS = ["filedir", "address"];
const HIGHEST_ADDRESS = 0xffff_ffff;

/**
 * Reads a flash configuration by the rules of the vendor's parser: keys in any case, `=` or `:`, comments on lines of
 * their own. Stricter in one way: a key or section that means nothing is refused, as it is likely a typing mistake.
 *
 * @param file its name, for messages.
 * @throws HarnessError INI_INVALID with every mistake, each with line, section and key.
 */
export function parseFlashIni(text: string, file: string): FlashIni {
  const mistakes: Flaw[] = [];
  if (text.includes("\0"))
    throw flawed("INI_INVALID", file, [{ field: "content", expected: "an ini file", found: "binary data" }]);
  const sections = readSections(text.replace(/^\uFEFF/, ""), mistakes);
  const cfg = readCfg(sections, mistakes);
  const files = sections.filter(({ name }) => name !== CFG).flatMap((section) => readFile(section, mistakes));
  checkOrder(files, mistakes);
  if (files.length === 0 && mistakes.length === 0)
    mistakes.push({ field: "sections", expected: "at least one with filedir and address", found: "none" });
  if (mistakes.length > 0) throw flawed("INI_INVALID", file, mistakes);
  return { ...cfg, files };
}

/** The `ini` package cuts values at a `;`, which stands between two ranges of skip_mode, and takes any line for a key. */
function readSections(text: string, mistakes: Flaw[]): Section[] {
  const sections = new Map<string, Section & { readonly values: Map<string, { value: string; line: number }> }>();
  let current: string | undefined;
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = index + 1;
    const content = raw.trim();
    if (content === "" || content.startsWith(";") || content.startsWith("#")) continue;
    const header = /^\[([^\]]+)\]$/.exec(content)?.[1];
    const split = content.search(/[=:]/);
    if (header !== undefined) {
      if (sections.has(header))
        mistakes.push({ field: `line ${line}`, expected: "each section once", found: `[${header}] again` });
      else sections.set(header, { name: header, line, values: new Map() });
      current = header;
    } else if (split < 1) {
      mistakes.push({ field: `line ${line}`, expected: "[section] or key = value", found: content.slice(0, 60) });
    } else if (current === undefined) {
      const expected = "a [section] before the first key";
      mistakes.push({ field: `line ${line}`, expected, found: content.slice(0, 60) });
    } else {
      const key = content.slice(0, split).trim().toLowerCase();
      const values = sections.get(current)?.values;
      if (values?.has(key))
        mistakes.push({ field: `line ${line}: [${current}]`, expected: "each key once", found: `${key} again` });
      values?.set(key, { value: content.slice(split + 1).trim(), line });
    }
  }
  return [...sections.values()];
}

function readCfg(sections: readonly Section[], mistakes: Flaw[]): Omit<FlashIni, "files"> {
  const section = sections.find(({ name }) => name === CFG);
  if (section !== undefined) refuseUnknown(section, CFG_KEYS, mistakes);
  const read = <T>(key: string, expected: string, parse: (value: string) => T | undefined, otherwise: T): T => {
    const entry = section?.values.get(key);
    if (entry === undefined) return otherwise;
    const parsed = parse(entry.value);
    if (parsed === undefined)
      mistakes.push({ field: `line ${entry.line}: [${CFG}] ${key}`, expected, found: tell(entry.value) });
    return parsed ?? otherwise;
  };
  return {
    erase: read("erase", "0, 1 or 2", (value) => ([0, 1, 2] as const).find((mode) => value === `${mode}`), 1),
    skip: read("skip_mode", "pairs `address, length`, `;` between them", readRanges, []),
    boot2Isp: read(
      "boot2_isp_mode",
      "0 or 1",
      (value) => (value === "0" || value === "1" ? value === "1" : undefined),
      false,
    ),
  };
}

/** Hex with 0x, or decimal. A pair with length 0 means nothing. */
function readRanges(value: string): Range[] | undefined {
  const ranges = value.split(";").map((pair): Range | undefined => {
    const [, address, bytes] = /^\s*(0x[0-9a-f]+|\d+)\s*,\s*(0x[0-9a-f]+|\d+)\s*$/i.exec(pair) ?? [];
    const range = { address: Number(address), bytes: Number(bytes) };
    return range.address + range.bytes <= HIGHEST_ADDRESS + 1 ? range : undefined;
  });
  if (!ranges.every((range) => range !== undefined)) return undefined;
  return ranges.filter(({ bytes }) => bytes > 0);
}

function readFile(section: Section, mistakes: Flaw[]): IniFile[] {
  refuseUnknown(section, FILE_KEYS, mistakes);
  const [filedir, address] = FILE_KEYS.map((key) => {
    const entry = section.values.get(key);
    if (entry === undefined || entry.value === "")
      mistakes.push({
        field: `line ${entry?.line ?? section.line}: [${section.name}] ${key}`,
        expected: "a value",
        found: "none",
      });
    return entry?.value === "" ? undefined : entry;
  });
  const parsed = address === undefined ? undefined : readAddress(address.value);
  if (address !== undefined && parsed === undefined)
    mistakes.push({
      field: `line ${address.line}: [${section.name}] address`,
      expected: "up to 8 hex digits or @partition",
      found: tell(address.value),
    });
  return filedir === undefined || parsed === undefined
    ? []
    : [{ section: section.name, filedir: filedir.value, address: parsed }];
}

/** Always hex, with or without 0x. */
function readAddress(value: string): IniFile["address"] | undefined {
  if (value === "@partition") return value;
  return /^(0x)?0*[0-9a-f]{1,8}$/i.test(value) ? Number.parseInt(value, 16) : undefined;
}

function refuseUnknown({ name, values }: Section, known: readonly string[], mistakes: Flaw[]): void {
  for (const [key, { line }] of values)
    if (!known.includes(key))
      mistakes.push({ field: `line ${line}: [${name}]`, expected: known.join(", "), found: key });
}

/** The vendor's tool resolves from the top: the table must be there before it is asked. */
function checkOrder(files: readonly IniFile[], mistakes: Flaw[]): void {
  const table = files.findIndex(({ section }) => section === "partition");
  for (const [index, { section, address }] of files.entries())
    if (address === "@partition" && (table < 0 || table >= index))
      mistakes.push({
        field: `[${section}] address`,
        expected: "a section [partition] above it for @partition",
        found: "none",
      });
}

const tell = (value: string): string => (value.length > 60 ? `${value.slice(0, 60)}…` : `"${value}"`);
