import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import {
  parseFuses,
  parseMacs,
  parseNetMode,
  parsePartNumber,
  parseParts,
  parseVbat,
  parseVersions,
} from "../../harness/ncp/answers.js";

/** By the format strings in ST's images. */
const GMR = [
  "AT version:1.0.0.0(Mar 20 2026)",
  "component_version_macsw_1.6.44",
  "component_version_sdk_2.0.106",
  "lib_version_btblecontroller_1.6.128",
  "component_version_btble_1.10.83",
  "SW image:spi_wifi_lwip_onhost",
  "compile time:Mar 20 2026 09:37:45",
];
const PART = [
  '+PART=16,0,"   Boot2",0x00000000,0x00000000,57344,0',
  '+PART=0,1,"      FW",0x00010000,0x001c4000,1785856,3',
];
const malformed = expect.objectContaining({ code: "AT_MALFORMED" });

test("the versions of a firmware", () => {
  expect(parseVersions(GMR)).toEqual({
    atVersion: "1.0.0",
    sdk: "2.0.106",
    image: "t02",
    macsw: "1.6.44",
    btble: "1.10.83",
    btbleController: "1.6.128",
    built: "Mar 20 2026 09:37:45",
  });
  expect(parseVersions(GMR.slice(0, 3))).toMatchObject({ image: undefined, btble: undefined, built: "Mar 20 2026" });
  expect(parseVersions([...GMR.slice(0, 5), "SW image:spi_wifi"]).image).toBe("t01");
});

test.each([
  ["no line", []],
  ["no version of the SDK", GMR.filter((line) => !line.includes("sdk"))],
  ["one that is cut", [...GMR.filter((line) => !line.includes("sdk")), "component_version_sdk_2.0."]],
  ["two that differ", [...GMR, "component_version_sdk_2.0.97"]],
  ["another image", [...GMR.slice(0, 5), "SW image:mfg_test"]],
])("GMR with %s is malformed", (_, lines) => {
  expect(() => parseVersions(lines)).toThrow(malformed);
});

test("the mode of the network is the profile", () => {
  expect(parseNetMode(["+CWNETMODE:1"])).toBe("t01");
  expect(parseNetMode(["+CWNETMODE:0"])).toBe("t02");
  for (const lines of [[], ["+CWNETMODE:2"], ["+CWNETMODE:"], ["+CWNETMODE:1", "+CWNETMODE:0"]])
    expect(() => parseNetMode(lines)).toThrow(malformed);
});

test("the partition table", () => {
  expect(parseParts(PART)[1]).toEqual({
    number: 0,
    name: "FW",
    active: 1,
    addresses: [0x10000, 0x1c4000],
    length: 1785856,
    age: 3,
  });
  for (const line of [
    '+PART=0,2,"FW",0x00010000,0x001c4000,0,0',
    '+PART=0,0,"FW",0x00010000,0x001c4000,0,4294967296',
    '+PART=0,0,"FW",0x00010000,0x001c4000,0',
    "+PART=",
  ])
    expect(() => parseParts([...PART, line])).toThrow(malformed);
});

test("fuses, addresses, part number, supply", () => {
  expect(parseFuses(["+EFUSE-R:3,\r\nO"], 3)).toEqual(Buffer.from("\r\nO"));
  for (const lines of [[], ["+EFUSE-R:3,ab"], ["+EFUSE-R:2,ab"], ["+EFUSE-R:3,abcd"]])
    expect(() => parseFuses(lines, 3)).toThrow(malformed);
  expect(parseMacs(["+GMACSLOT0:40:82:7B:03:77:42", "+GMACSLOT2:00:00:00:00:00:00"])).toEqual([
    "40827b037742",
    undefined,
    "000000000000",
  ]);
  expect(() => parseMacs(["+GMACSLOT0:40:82"])).toThrow(malformed);
  expect(parsePartNumber(["+PN:ST67W611M1A6B"])).toBe("ST67W611M1A6B");
  expect(parsePartNumber(["+PN:"])).toBe("");
  for (const lines of [[], ["+PN"], ["+PN:\x1b[2J"]]) expect(() => parsePartNumber(lines)).toThrow(malformed);
  expect(parseVbat(["+VBAT:3287"])).toBe(3287);
  expect(() => parseVbat(["+VBAT:-1"])).toThrow(malformed);
});

test("any lines are a value or malformed", () => {
  const parsers = [
    parseVersions,
    parseNetMode,
    parseParts,
    parseMacs,
    parsePartNumber,
    parseVbat,
    (lines: string[]) => parseFuses(lines, 4),
  ];
  const heads = [
    "AT version:",
    "component_version_sdk_",
    "SW image:",
    "+CWNETMODE:",
    "+PART=",
    "+EFUSE-R:4,",
    "+PN:",
    "+VBAT:",
  ];
  const known = fc.constantFrom(...GMR, ...PART);
  const line = fc.oneof(
    known,
    fc.string({ unit: "binary" }),
    fc.tuple(fc.constantFrom(...heads, "+GMACSLOT1:"), fc.string()).map((two) => two.join("")),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      for (const parse of parsers)
        try {
          parse(lines);
        } catch (error) {
          expect(error).toBeInstanceOf(HarnessError);
          expect(error).toEqual(malformed);
        }
    }),
  );
});

test("a table that is printed as the firmware prints it is read back", () => {
  const u32 = fc.nat(0xffff_ffff);
  const row = fc.record({
    number: fc.nat(255),
    name: fc.stringMatching(/^[A-Za-z0-9]{1,8}$/),
    active: fc.constantFrom(0 as const, 1 as const),
    addresses: fc.tuple(u32, u32),
    length: u32,
    age: u32,
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 16 }), (rows) => {
      const address = (value: number) => `0x${value.toString(16).padStart(8, "0")}`;
      const lines = rows.map(
        ({ number, name, active, addresses: [a, b], length, age }) =>
          `+PART=${number},${active},"${name.padStart(8)}",${address(a)},${address(b)},${length},${age}`,
      );
      expect(parseParts(lines)).toEqual(rows);
    }),
  );
});
