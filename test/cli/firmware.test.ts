import { writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { SYNTHETIC_KEY_HASH } from "../../harness/firmware/synthetic.js";
import { firmwareOf, SmallPackage } from "../firmware/small-package.js";
import { inProcess as st67hil } from "../support/in-process.js";
import { scratch } from "../support/scratch.js";

const T02 = "st67w611m_mission_t02_v2.0.106.bin";

test("lint: exit 0 for a sound package, with its key and the counts", async () => {
  using pkg = new SmallPackage();
  expect(await st67hil(["firmware", "lint", pkg.dir])).toMatchObject({
    code: 0,
    stdout: `signed with key ${SYNTHETIC_KEY_HASH}\n12 files, 0 errors, 0 warnings\n`,
    stderr: "",
  });
});

test("lint: exit 0 with a warning", async () => {
  using pkg = new SmallPackage();
  pkg.write("st67w611m_mission_t02_v2.0.75.bin", firmwareOf("t02", "2.0.75"));
  const { code, stdout } = await st67hil(["firmware", "lint", pkg.dir]);
  expect(code).toBe(0);
  expect(stdout.split("\n")[0]).toBe(
    "warning  st67w611m_mission_t02_v2.0.75.bin: profile: SW image: expected t02, found no marker",
  );
  expect(stdout).toContain("0 errors, 1 warning\n");
});

test("lint: exit 1 with an error, one line a finding", async () => {
  using pkg = new SmallPackage();
  pkg.flip(T02, 0xb0);
  const { code, stdout } = await st67hil(["firmware", "lint", pkg.dir]);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    new RegExp(`^error    ${T02}: header-crc: crc at 0xFC: expected 0x[0-9A-F]+, found 0x[0-9A-F]+\n`),
  );
  const json = await st67hil(["firmware", "lint", pkg.path(T02), "--json"]);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    files: 1,
    errors: 1,
    warnings: 0,
    keyHashes: [SYNTHETIC_KEY_HASH],
    findings: [{ severity: "error", file: T02, rule: "header-crc", field: "crc", offset: 0xfc }],
  });
});

test("lint --sums: exit 1 for a sum that does not fit", async () => {
  using pkg = new SmallPackage();
  pkg.write("SHA256SUMS", `${"0".repeat(64)}  ${T02}\n`);
  const { code, stdout } = await st67hil(["firmware", "lint", pkg.path(T02), "--sums", pkg.path("SHA256SUMS")]);
  expect(code).toBe(1);
  expect(stdout).toContain(`error    ${T02}: sums: SHA-256: expected ${"0".repeat(64)}, found `);
});

test.each([
  [["lint", "/no/such/folder"], "/no/such/folder"],
  [["lint", "package.json"], "expected an image, OTA file, partition table, littlefs image or ini"],
  [["lint", "test/golden"], "expected files such as mission_t01_flash_prog_cfg.ini"],
  [["lint"], "expected <path>"],
  [["lint", ".", "--sum", "x"], "Unknown argument: sum"],
  [["lnt", "."], "Did you mean lint?"],
  [[], "Name a command"],
  [["inspect", "/no/such/file"], "/no/such/file"],
  [["synth", "test"], "expected an empty folder or a synthetic package"],
])("firmware %p: exit 2, nothing on stdout", async (args, told) => {
  const { code, stdout, stderr } = await st67hil(["firmware", ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(told);
  expect(stderr).not.toMatch(/\n {4}at /);
});

test("inspect: an image for people and for programs", async () => {
  using pkg = new SmallPackage();
  const { code, stdout } = await st67hil(["firmware", "inspect", pkg.path(T02)]);
  expect(code).toBe(0);
  for (const line of [
    "kind              firmware image",
    "profile           t02",
    "version           2.0.106",
    "anti-rollback     0",
    "CRCs              flashConfig ok, clock ok, header ok, publicKey ok, signature ok",
    `key hash          ${SYNTHETIC_KEY_HASH}`,
    "signature         valid",
  ])
    expect(stdout.split("\n")).toContain(line);
  const json = await st67hil(["firmware", "inspect", pkg.path(T02), "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({ kind: "image", image: { profile: "t02", signature: "valid" } });
});

test("inspect: a package is a table with a row for each file", async () => {
  using pkg = new SmallPackage();
  pkg.flip(T02, 0x3000);
  const { code, stdout } = await st67hil(["firmware", "inspect", pkg.dir]);
  expect(code).toBe(0);
  const [head = "", ...rows] = stdout.trimEnd().split("\n").slice(3);
  expect(rows).toHaveLength(13);
  const column = head.indexOf("CHECKS");
  const checksOf = (name: string) =>
    rows
      .find((row) => row.startsWith(`${name} `))
      ?.slice(column, column + 22)
      .trim();
  expect(checksOf("st67w611m_boot2_v8.1.9.bin")).toMatch(/^ok/);
  expect(checksOf(T02)).toBe("body hash, signature");
});

test.each([
  "partition.bin",
  "mission_t01_flash_prog_cfg.ini",
  "st67w611m_mission_t01_v2.0.106.xz.ota",
  "efusedata.bin",
])("inspect %s: exit 0 and its name first", async (name) => {
  using pkg = new SmallPackage();
  const { code, stdout } = await st67hil(["firmware", "inspect", pkg.path(name)]);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^file {14}${name}\n`));
});

test("synth writes a package that lints clean; a table made by sha256sum's rules fits it", async () => {
  using folder = scratch();
  const { code, stdout } = await st67hil(["firmware", "synth", folder.file("package"), "--json"]);
  expect(code).toBe(0);
  const { folder: ncp, firmwares } = JSON.parse(stdout) as { folder: string; firmwares: string[] };
  expect(firmwares).toContain("t01@2.0.106");
  const inspected = await st67hil(["firmware", "inspect", ncp, "--json"]);
  const { files } = JSON.parse(inspected.stdout) as { files: { file: string; sha256: string }[] };
  writeFileSync(folder.file("SHA256SUMS"), files.map(({ file, sha256 }) => `${sha256}  ${file}\n`).join(""));
  expect(await st67hil(["firmware", "lint", ncp, "--sums", folder.file("SHA256SUMS")])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("24 files, 0 errors, 0 warnings"),
  });
}, 60_000);
