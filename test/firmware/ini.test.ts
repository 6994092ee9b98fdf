import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseFlashIni } from "../../harness/firmware/ini.js";

const MISSION = `[cfg]
erase = 2
skip_mode = 0x0, 0x0
boot2_isp_mode = 0

[boot2]
filedir = ./st67w611m_boot2_v8.1.9.bin
address = 0x000000

[partition]
filedir = ./partition.bin
address = 0xE000

[FW]
filedir = ./st67w611m_mission_t01_vxxx.bin
address = @partition
`;

const FILE = "[boot2]\nfiledir = b.bin\naddress = 0\n";

function mistakesOf(text: string): unknown {
  try {
    return parseFlashIni(text, "x.ini");
  } catch (error) {
    expect(error).toMatchObject({ name: "HarnessError", code: "INI_INVALID" });
    return (error as Error).message.split("\n").map((line) => line.replace("x.ini: ", ""));
  }
}

test("an ini as ST writes it", () => {
  expect(parseFlashIni(MISSION, "x.ini")).toEqual({
    erase: 2,
    skip: [],
    boot2Isp: false,
    files: [
      { section: "boot2", filedir: "./st67w611m_boot2_v8.1.9.bin", address: 0 },
      { section: "partition", filedir: "./partition.bin", address: 0xe000 },
      { section: "FW", filedir: "./st67w611m_mission_t01_vxxx.bin", address: "@partition" },
    ],
  });
});

test("CRLF, a byte order mark, keys in any case, colons, comments and spaces change nothing", () => {
  const loose = MISSION.replaceAll("filedir =", "  FileDir:")
    .replace("erase", "; erase = 0\n# note\nERASE")
    .replaceAll("\n", "\r\n");
  expect(parseFlashIni(`\uFEFF${loose}`, "x.ini")).toEqual(parseFlashIni(MISSION, "x.ini"));
});

test("what is left out has its default", () => {
  expect(parseFlashIni(FILE, "x.ini")).toMatchObject({ erase: 1, skip: [], boot2Isp: false });
});

test.each([
  ["0xE000", 0xe000],
  ["E000", 0xe000],
  ["e000", 0xe000],
  ["10", 0x10],
  ["0x000000", 0],
  ["ffffffff", 0xffffffff],
])("the address %s is hex", (text, address) => {
  expect(parseFlashIni(`[a]\nfiledir = b\naddress = ${text}`, "x.ini").files[0]?.address).toBe(address);
});

test.each([
  ["0x0, 0x0", []],
  ["0x1000, 0x2000", [{ address: 0x1000, bytes: 0x2000 }]],
  [
    "4096,8192 ; 0x3FF000, 0x1000",
    [
      { address: 4096, bytes: 8192 },
      { address: 0x3ff000, bytes: 0x1000 },
    ],
  ],
])("skip_mode %s", (text, skip) => {
  expect(parseFlashIni(`[cfg]\nskip_mode = ${text}\n${FILE}`, "x.ini").skip).toEqual(skip);
});

test("boot2_isp_mode", () => {
  expect(parseFlashIni(`[cfg]\nboot2_isp_mode = 1\n${FILE}`, "x.ini").boot2Isp).toBe(true);
});

test("all mistakes at once, each with line, section and key", () => {
  const text = [
    "stray = 1",
    "[cfg]",
    "erase = 3",
    "erase = 1",
    "skip_mode = 0x0",
    "boot2_isp_mode = constructor",
    "speed = 9",
    "[FW]",
    "adress = 0",
    "filedir =",
    "[b]",
    "filedir = x",
    "address = 123456789",
    "what is this",
    "[b]",
    "[FW2]",
    "filedir = y",
    "address = @partition",
  ].join("\n");
  expect(mistakesOf(text)).toEqual([
    "line 1: expected a [section] before the first key, got stray = 1",
    "line 4: [cfg]: expected each key once, got erase again",
    "line 14: expected [section] or key = value, got what is this",
    "line 15: expected each section once, got [b] again",
    "line 7: [cfg]: expected erase, skip_mode, boot2_isp_mode, got speed",
    'line 5: [cfg] skip_mode: expected pairs `address, length`, `;` between them, got "0x0"',
    'line 6: [cfg] boot2_isp_mode: expected 0 or 1, got "constructor"',
    "line 9: [FW]: expected filedir, address, got adress",
    "line 10: [FW] filedir: expected a value, got none",
    "line 8: [FW] address: expected a value, got none",
    'line 13: [b] address: expected up to 8 hex digits or @partition, got "123456789"',
    "[FW2] address: expected a section [partition] above it for @partition, got none",
  ]);
});

test("erase takes 0, 1 and 2 only", () => {
  expect(mistakesOf(`[cfg]\nerase = 3\n${FILE}`)).toEqual(['line 2: [cfg] erase: expected 0, 1 or 2, got "3"']);
});

test("@partition needs the table above it", () => {
  const text = "[FW]\nfiledir = a\naddress = @partition\n[partition]\nfiledir = p\naddress = E000\n";
  expect(mistakesOf(text)).toEqual(["[FW] address: expected a section [partition] above it for @partition, got none"]);
});

test("what is no ini at all is refused with its name", () => {
  expect(() => parseFlashIni("BFNP\0\0\0", "boot2.bin")).toThrow(
    "boot2.bin: content: expected an ini file, got binary data",
  );
  expect(mistakesOf("")).toEqual(["sections: expected at least one with filedir and address, got none"]);
});

test("any text gives a configuration or one of our errors", () => {
  const part = fc.constantFrom(
    "[cfg]",
    "[FW]",
    "erase",
    "=",
    ":",
    "\n",
    "filedir",
    "address",
    "@partition",
    "0x",
    "[",
    "]",
    ";",
    " ",
    "constructor",
    "__proto__",
    "9",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(part).map((parts) => parts.join("")),
      ),
      (text) => {
        try {
          parseFlashIni(text, "x.ini");
        } catch (error) {
          expect(error).toMatchObject({ name: "HarnessError", code: "INI_INVALID" });
        }
      },
    ),
    { numRuns: 500 },
  );
});
