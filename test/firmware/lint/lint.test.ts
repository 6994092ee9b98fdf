import { mkdirSync, symlinkSync } from "node:fs";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { readImage } from "../../../harness/firmware/image.js";
import { lint, lintFile, lintFolder } from "../../../harness/firmware/lint/lint.js";
import { checkReleased } from "../../../harness/firmware/released.js";
import { SYNTHETIC_KEY_HASH, syntheticBoot2 } from "../../../harness/firmware/synthetic.js";
import { INI, RAW, rulesOf, T01, T02, TABLE, XZ } from "../damage.js";
import { BOOT2, iniOf, SmallPackage } from "../small-package.js";

test("a sound package: nothing to say but its key", () => {
  using pkg = new SmallPackage();
  expect(lintFolder(pkg.dir)).toEqual({
    path: pkg.dir,
    files: 12,
    passedOver: [],
    keyHashes: [SYNTHETIC_KEY_HASH],
    findings: [],
  });
  for (const name of [T01, BOOT2, RAW, XZ, TABLE, INI, "mfg_flash_prog_cfg.ini"])
    expect(lintFile(pkg.path(name)).findings).toEqual([]);
});

test("an OTA file without its image is sound when what it holds is", () => {
  using pkg = new SmallPackage();
  pkg.remove(T01);
  expect(lintFolder(pkg.dir).findings).toEqual([]);
});

test("through a link to the folder: the same files, each once", () => {
  using pkg = new SmallPackage();
  const link = pkg.path("../linked");
  symlinkSync(pkg.dir, link);
  pkg.flip(BOOT2, 0xfc);
  expect(lintFolder(link)).toEqual({ ...lintFolder(pkg.dir), path: link });
  expect(lintFile(`${link}/${INI}`).findings).toEqual(lintFile(pkg.path(INI)).findings);
});

test("an aligned skipped range is left out of an erase of sectors: nothing to say", () => {
  using pkg = new SmallPackage();
  pkg.write(INI, iniOf("t02", "[cfg]\nerase = 1\nskip_mode = 0x11000, 0x1000\n"));
  expect(lintFolder(pkg.dir).findings).toEqual([]);
});

test("a broken file hides nothing of the others", () => {
  using pkg = new SmallPackage();
  pkg.write(TABLE, "noise");
  pkg.write("mfg_flash_prog_cfg.ini", "noise");
  pkg.write(RAW, "noise");
  pkg.write(T01, "noise");
  pkg.flip(T02, 0x3000);
  expect(rulesOf(lintFolder(pkg.dir).findings)).toEqual(
    [
      "mfg_flash_prog_cfg.ini ini",
      `${TABLE} malformed`,
      `${T01} malformed`,
      `${RAW} malformed`,
      `${XZ} ota-payload`,
      `${T02} body-hash`,
      `${T02} signature`,
    ].sort(),
  );
});

test("boot2 of a released version whose body is another one", () => {
  const image = readImage(syntheticBoot2(), BOOT2);
  const released = { keyHash: image.keyHash, version: "8.1.9", bodySha256: image.bodySha256 };
  expect(checkReleased(image, released)).toEqual([]);
  expect(checkReleased(image)).toEqual([]);
  expect(checkReleased(image, { ...released, bodySha256: "00" })).toEqual([
    {
      severity: "warning",
      file: BOOT2,
      rule: "boot2-body",
      field: "body",
      offset: 0x2000,
      expected: "00",
      found: image.bodySha256,
    },
  ]);
});

test.each([
  ["a path that is missing", "/no/such/file", "FILE_UNREADABLE"],
  ["a path that no file can have", "a\0b", "FILE_UNREADABLE"],
  ["a file that is no part of a package", "package.json", "FILE_UNREADABLE"],
  ["a device", "/dev/zero", "FILE_UNREADABLE"],
  ["a folder with nothing of a package in it", "test/golden", "PACKAGE_INVALID"],
])("%s: nothing to judge", (_, path, code) => {
  expect(() => lint(path)).toThrow(expect.objectContaining({ name: "HarnessError", code }));
});

test("a package of which nothing can be read: nothing to judge", () => {
  using pkg = new SmallPackage();
  for (const name of pkg.names) pkg.remove(name);
  mkdirSync(pkg.path(T01));
  expect(() => lint(pkg.dir)).toThrow(expect.objectContaining({ code: "FILE_UNREADABLE" }));
});

test("random damage to any file of a package never throws", () => {
  using pkg = new SmallPackage();
  const damage = fc.record({
    name: fc.constantFrom(...pkg.names),
    start: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.oneof(fc.constant(0), fc.nat(64), fc.nat(100_000)),
    noise: fc.uint8Array({ maxLength: 64 }),
    from: fc.option(fc.constantFrom(...pkg.names)),
  });
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
      for (const { name, start, cut, noise, from } of damages) {
        const bytes = pkg.read(from ?? name);
        const at = Math.floor(start * bytes.length);
        pkg.write(name, Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at + cut)]));
      }
      for (const { field, expected, found } of lintFolder(pkg.dir).findings)
        for (const told of [field, expected, found]) expect(told).toEqual(expect.any(String));
      for (const { name } of damages) pkg.restore(name);
    }),
    { numRuns: 150 },
  );
}, 30_000);

test("every flipped bit of an image that has its OTA files is noticed", () => {
  using pkg = new SmallPackage();
  fc.assert(
    fc.property(fc.nat(16383), fc.nat(7), (at, bit) => {
      pkg.flip(T01, at, 1 << bit);
      const { findings } = lintFolder(pkg.dir);
      pkg.restore(T01);
      expect(findings.some(({ severity }) => severity === "error")).toBe(true);
    }),
    { numRuns: 50 },
  );
}, 30_000);
