import { writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { readFlashIni } from "../../harness/firmware/ini-text.js";
import { lint } from "../../harness/firmware/lint/lint.js";
import { scratch } from "../support/scratch.js";
import { INI, T01 } from "./damage.js";
import { iniOf, SmallPackage } from "./small-package.js";

const FILE = "[boot2]\r\nfiledir = b.bin\r\naddress = 0x1000\r\n";
const READ = { files: [{ section: "boot2", filedir: "b.bin", address: 0x1000 }] };
/** "Flash tool of" and a name, as a German, a Russian and a Chinese machine write it. */
const COMMENTS = [
  ["cp1252", Buffer.from("; für Jürgen", "latin1")],
  ["cp1251", Buffer.from("3b20c4ebff20c8e2e0ede0", "hex")],
  ["GBK", Buffer.from("2320c9d5c2bcb5d8d6b7", "hex")],
  ["UTF-8", Buffer.from("; für 烧录 😀 \uFFFD")],
] as const;

test.each(COMMENTS)("a comment in %s does no harm, on any line", (_, comment) => {
  const text = Buffer.from(FILE);
  const above = Buffer.concat([comment, Buffer.from("\r\n"), text]);
  const below = Buffer.concat([text, Buffer.from("  "), comment]);
  expect(readFlashIni(above, "x.ini")).toMatchObject(READ);
  expect(readFlashIni(below, "x.ini")).toMatchObject(READ);
});

test("UTF-16 with a byte order mark, as PowerShell writes it, is read", () => {
  const text = `\uFEFF; für 烧录\r\n${FILE.replace("b.bin", "b烧.bin")}`;
  const files = [{ filedir: "b烧.bin", address: 0x1000 }];
  expect(readFlashIni(Buffer.from(text, "utf16le"), "x.ini")).toMatchObject({ files });
  expect(readFlashIni(Buffer.from(text, "utf16le").swap16(), "x.ini")).toMatchObject({ files });
});

describe("what is not text outside of a comment is refused, each with its line and byte", () => {
  const refused = (bytes: Uint8Array, message: string) =>
    expect(() => readFlashIni(bytes, "x.ini")).toThrow(
      expect.objectContaining({ code: "INI_INVALID", message, advice: expect.stringContaining("UTF-8") }),
    );

  test("a value, a name, and behind a value", () => {
    const text = "; für\n[bü]\nfiledir = für.bin\naddress = 0 ; für\n";
    refused(
      Buffer.from(text, "latin1"),
      [
        "x.ini: line 2 at 0x8: expected UTF-8 outside of comments, got the byte 0xFC, which is no UTF-8",
        "x.ini: line 3 at 0x16: expected UTF-8 outside of comments, got the byte 0xFC, which is no UTF-8",
        "x.ini: line 4 at 0x2C: expected UTF-8 outside of comments, got the byte 0xFC, which is no UTF-8",
      ].join("\n"),
    );
  });

  test("the offset is of the file, marks and other characters counted", () => {
    const text = Buffer.concat([Buffer.from("\uFEFF; 烧\r\nfiledir = "), Buffer.from([0x80])]);
    refused(text, "x.ini: line 2 at 0x14: expected UTF-8 outside of comments, got the byte 0x80, which is no UTF-8");
    refused(
      Buffer.from(`\uFEFF;\n[a]\nfiledir = \uD83D`, "utf16le"),
      "x.ini: line 3 at 0x22: expected UTF-8 outside of comments, got half a character of UTF-16",
    );
  });

  test("no text at all", () => {
    refused(Buffer.from("BFNP\0\0"), "x.ini: content: expected an ini file, got binary data");
    refused(
      Buffer.from(FILE, "utf16le"),
      "x.ini: content: expected an ini file, got UTF-16LE without a byte order mark",
    );
  });
});

test("lint: a comment in cp1252 in an ini, and a table of sums in UTF-16, are no findings", () => {
  using pkg = new SmallPackage();
  using folder = scratch();
  pkg.write(INI, Buffer.from(`; für\n${iniOf("t01")}`, "latin1"));
  expect(lint(pkg.dir).findings).toEqual([]);
  const sums = folder.file("SHA256SUMS");
  const line = `${"0".repeat(64)}  ${T01}\r\n`;
  writeFileSync(sums, Buffer.from(`\uFEFF${line}`, "utf16le"));
  expect(lint(pkg.path(T01), { sums }).findings).toMatchObject([{ file: T01, rule: "sums", expected: "0".repeat(64) }]);
  writeFileSync(sums, Buffer.from(`# für\n${line}${"0".repeat(64)}  für.bin\n`, "latin1"));
  expect(lint(pkg.path(T01), { sums }).findings).toMatchObject([
    { field: "line 3", found: "the byte 0xFC, which is no UTF-8" },
    { file: T01 },
  ]);
  writeFileSync(sums, Buffer.from(line, "utf16le"));
  expect(() => lint(pkg.path(T01), { sums })).toThrow("got UTF-16LE without a byte order mark");
});
