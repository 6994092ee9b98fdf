import { HarnessError } from "../base/errors.js";

/** What `AT+GMR` tells of a firmware. */
export interface Versions {
  /** Of the command set, three numbers. */
  readonly atVersion: string;
  /** The version by which a firmware is known: `2.0.106`. */
  readonly sdk: string;
  /** `undefined` up to 2.0.75, which has no marker. */
  readonly image: "t01" | "t02" | undefined;
  readonly macsw: string | undefined;
  readonly btble: string | undefined;
  readonly btbleController: string | undefined;
  /** As the firmware prints it. */
  readonly built: string | undefined;
}

/** A row of the partition table that the firmware uses. */
export interface PartRow {
  /** Type or index: not known which. */
  readonly number: number;
  readonly name: string;
  /** The slot that boots. */
  readonly active: 0 | 1;
  readonly addresses: readonly [number, number];
  /** In use, or at most: not known which. */
  readonly length: number;
  readonly age: number;
}

const U32_MAX = 0xffff_ffff;
/** Of eight characters, right-aligned as the firmware prints it. */
const PART =
  /^\+PART[=:](\d{1,10}),(\d{1,10}),"([ -!#-~]*)",0x([0-9a-f]{1,8}),0x([0-9a-f]{1,8}),(\d{1,10}),(\d{1,10})$/i;

export function parseVersions(lines: readonly string[]): Versions {
  const text = lines.map((line) => line.trim());
  const [atVersion, date] = one(text, "AT version", /^AT version: *(\d+\.\d+\.\d+)[^(]*(?:\(([ -'*-~]*)\))?/) ?? [];
  const [sdk] = one(text, "component_version_sdk_", /^component_version_sdk_(\d+\.\d+\.\d+)(?![\d.])/) ?? [];
  const [image] = one(text, "SW image", /^SW image: *([ -~]*)$/) ?? [];
  const [compiled] = one(text, "compile time", /^compile[d]? time: *([ -~]+)$/i) ?? [];
  const component = (name: string) => one(text, name, new RegExp(`^${name}(\\d+\\.\\d+\\.\\d+)`))?.[0];
  if (atVersion === undefined) throw malformed("AT+GMR", "a line AT version:1.2.3", lines);
  if (sdk === undefined) throw malformed("AT+GMR", "a line component_version_sdk_1.2.3", lines);
  return {
    atVersion,
    sdk,
    image: image === undefined ? undefined : profileOf(image, lines),
    macsw: component("component_version_macsw_"),
    btble: component("component_version_btble_"),
    btbleController: component("lib_version_btblecontroller_"),
    built: compiled ?? date,
  };
}

/** `spi_wifi` or `spi_wifi_lwip_onhost`; in an image's own texts the board's name stands in the middle. */
function profileOf(image: string, lines: readonly string[]): "t01" | "t02" {
  const found = /^spi_wifi(?:_[a-z0-9]+dk)?(_lwip_onhost)?$/.exec(image);
  if (found === null) throw malformed("AT+GMR", "SW image:spi_wifi or spi_wifi_lwip_onhost", lines);
  return found[1] === undefined ? "t01" : "t02";
}

/** Of `AT+CWNETMODE?`: where the IP stack runs. */
export function parseNetMode(lines: readonly string[]): "t01" | "t02" {
  const [mode] = one(lines, "+CWNETMODE", /^\+CWNETMODE: *([01])$/) ?? [];
  if (mode === undefined) throw malformed("AT+CWNETMODE?", "+CWNETMODE:0 or +CWNETMODE:1", lines);
  return mode === "1" ? "t01" : "t02";
}

/** Of `AT+PART?`, in the order of the table. */
export function parseParts(lines: readonly string[]): PartRow[] {
  const rows = lines.filter((line) => line.startsWith("+PART"));
  if (rows.length === 0) throw malformed("AT+PART?", "lines +PART=", lines);
  return rows.map((line) => {
    const [, number, active, name = "", first = "", second = "", length, age] = PART.exec(line) ?? [];
    const numbers = [number, length, age].map(Number);
    if (numbers.some((value) => !(value <= U32_MAX)) || (active !== "0" && active !== "1"))
      throw malformed("AT+PART?", '+PART=0,0,"FW",0x00010000,0x001c4000,0,0, the slot 0 or 1', [line]);
    return {
      number: Number(number),
      name: name.trim(),
      active: active === "1" ? 1 : 0,
      addresses: [Number.parseInt(first, 16), Number.parseInt(second, 16)],
      length: Number(length),
      age: Number(age),
    };
  });
}

/** The row of the firmware in them. @throws HarnessError AT_MALFORMED for none, or two. */
export function parseFw(lines: readonly string[]): PartRow {
  const rows = parseParts(lines).filter(({ name }) => name === "FW");
  const [fw] = rows;
  if (fw === undefined || rows.length > 1) throw malformed("AT+PART?", "one row of FW", lines);
  return fw;
}

/** Of `AT+EFUSE-R=<count>,…`: the bytes as they lie in the fuses. */
export function parseFuses(lines: readonly string[], count: number): Uint8Array {
  const prefix = `+EFUSE-R:${count},`;
  const found = lines.filter((line) => line.startsWith("+EFUSE-R:"));
  const bytes = Buffer.from(found[0]?.slice(prefix.length) ?? "", "latin1");
  if (found.length !== 1 || !found[0]?.startsWith(prefix) || bytes.length !== count)
    throw malformed("AT+EFUSE-R", `${prefix} and ${count} bytes`, lines);
  return bytes;
}

/** Of `AT+GMAC?`: 12 hex digits a slot; a slot that the firmware does not name is `undefined`. */
export function parseMacs(lines: readonly string[]): (string | undefined)[] {
  const macs = [0, 1, 2].map((slot) => {
    const pattern = new RegExp(`^\\+GMACSLOT${slot}: *"?((?:[0-9a-f]{2}:){5}[0-9a-f]{2})"?$`, "i");
    return one(lines, `+GMACSLOT${slot}`, pattern)?.[0]?.replaceAll(":", "").toLowerCase();
  });
  if (macs.every((mac) => mac === undefined)) throw malformed("AT+GMAC?", "+GMACSLOT0:aa:bb:cc:dd:ee:ff", lines);
  return macs;
}

/** Of `AT+PN?`; empty for a module that bears none. */
export function parsePartNumber(lines: readonly string[]): string {
  const [text] = one(lines, "+PN", /^\+PN: *"?([ !#-~]*?)"? *$/) ?? [];
  if (text === undefined) throw malformed("AT+PN?", "+PN: and a text", lines);
  return text;
}

/** Of `AT+VBAT?`, in millivolts. */
export function parseVbat(lines: readonly string[]): number {
  const [mv] = one(lines, "+VBAT", /^\+VBAT: *(\d{1,5})$/) ?? [];
  if (mv === undefined) throw malformed("AT+VBAT?", "+VBAT: and millivolts", lines);
  return Number(mv);
}

/** The groups of the one line that begins with `name`; `undefined` where none does. One of another form is an error, and two that differ. */
function one(lines: readonly string[], name: string, pattern: RegExp): (string | undefined)[] | undefined {
  const named = new Set(lines.filter((line) => line.startsWith(name)));
  const [line] = named;
  if (line === undefined) return undefined;
  const found = pattern.exec(line);
  if (found === null || named.size > 1) throw malformed(name, `one line of ${name}`, [...named]);
  return found.slice(1);
}

function malformed(what: string, expected: string, lines: readonly string[]): HarnessError {
  const found = lines.length === 0 ? "no line" : JSON.stringify(lines.slice(0, 8).map((line) => line.slice(0, 120)));
  return new HarnessError("AT_MALFORMED", `${what}: expected ${expected}, got ${found}`, { details: { lines } });
}
