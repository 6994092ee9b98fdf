import { expect, test } from "@jest/globals";
import { sha256 } from "../../../harness/firmware/bytes.js";
import { lintFile, lintFolder } from "../../../harness/firmware/lint/lint.js";
import { parseSums } from "../../../harness/firmware/lint/sums.js";
import { BOOT2, LITTLEFS, SmallPackage } from "../small-package.js";

/** A table of all files of the package, as `sha256sum` writes it. */
function sumsOf(pkg: SmallPackage, nameOf = (name: string) => name): string[] {
  return pkg.names.map((name) => `${sha256(pkg.read(name)).toString("hex")}  ${nameOf(name)}`);
}

function lintWith(pkg: SmallPackage, lines: readonly string[]) {
  pkg.write("SHA256SUMS", `${lines.join("\n")}\n`);
  return lintFolder(pkg.dir, { sums: pkg.path("SHA256SUMS") }).findings;
}

test("a table that fits: by paths, and by bare names wherever the files lie", () => {
  using pkg = new SmallPackage();
  expect(lintWith(pkg, sumsOf(pkg))).toEqual([]);
  expect(
    lintWith(
      pkg,
      sumsOf(pkg, (name) => name.replace(/^.*\//, "")),
    ),
  ).toEqual([]);
  expect(lintWith(pkg, ["# a note", "", ...sumsOf(pkg)])).toEqual([]);
});

test("a sum that does not fit is an error, and tells both", () => {
  using pkg = new SmallPackage();
  const expected = "0".repeat(64);
  const found = sha256(pkg.read(BOOT2)).toString("hex");
  expect(lintWith(pkg, [`${expected}  ${BOOT2}`, ...sumsOf(pkg).slice(1)])).toEqual([
    { severity: "error", file: BOOT2, rule: "sums", field: "SHA-256", expected, found },
  ]);
});

test("a file that is not in the table is a warning, a line without its file an error", () => {
  using pkg = new SmallPackage();
  const lines = sumsOf(pkg).filter((line) => !line.endsWith(LITTLEFS));
  expect(lintWith(pkg, [...lines, `${"1".repeat(64)}  gone.bin`])).toEqual([
    {
      severity: "warning",
      file: LITTLEFS,
      rule: "sums",
      field: "SHA-256",
      expected: "a line in SHA256SUMS",
      found: "none",
    },
    {
      severity: "error",
      file: "gone.bin",
      rule: "sums",
      field: "SHA-256",
      expected: "1".repeat(64),
      found: "no such file",
    },
  ]);
});

test("a file of no known kind is held to the table too", () => {
  using pkg = new SmallPackage();
  const lines = sumsOf(pkg).filter((line) => !line.endsWith("efusedata.bin"));
  expect(lintWith(pkg, lines)).toEqual([
    expect.objectContaining({ severity: "warning", file: "efusedata.bin", found: "none" }),
  ]);
  const all = sumsOf(pkg);
  pkg.flip("efusedata.bin", 0);
  expect(lintWith(pkg, all)).toEqual([expect.objectContaining({ severity: "error", file: "efusedata.bin" })]);
});

test("one file against the table of the whole package", () => {
  using pkg = new SmallPackage();
  pkg.write("SHA256SUMS", sumsOf(pkg).join("\n"));
  expect(lintFile(pkg.path(BOOT2), { sums: pkg.path("SHA256SUMS") }).findings).toEqual([]);
});

test("a line that is no sum is told with its number; a file without any sum is no table", () => {
  using pkg = new SmallPackage();
  expect(lintWith(pkg, ["0123  short.bin", ...sumsOf(pkg)])).toEqual([
    expect.objectContaining({ severity: "error", rule: "sums", field: "line 1", found: "0123  short.bin" }),
  ]);
  const unreadable = expect.objectContaining({ code: "FILE_UNREADABLE" });
  expect(() => lintWith(pkg, ["nothing of the kind"])).toThrow(unreadable);
  expect(() => lintFolder(pkg.dir, { sums: pkg.path("missing") })).toThrow(unreadable);
});

test("binary mode, digits in either case, CRLF", () => {
  const digits = "aB".repeat(32);
  expect(parseSums(Buffer.from(`${digits} *x y.bin\r\n`), "s").sums).toEqual([
    { sha256: digits.toLowerCase(), name: "x y.bin" },
  ]);
});
