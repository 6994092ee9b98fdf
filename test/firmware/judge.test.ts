import { gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { judgeFile } from "../../harness/firmware/judge.js";
import { encodeSuperblock } from "../../harness/firmware/littlefs.js";
import { encodePartitionTable, ST_TABLE } from "../../harness/firmware/partition.js";
import type { Role } from "../../harness/firmware/role.js";
import { syntheticBoot2 } from "../../harness/firmware/synthetic.js";
import { firmwareOf } from "./small-package.js";

const FILES: Readonly<Record<Exclude<Role, "image">, Uint8Array>> = {
  boot2: syntheticBoot2(),
  firmware: firmwareOf("t01"),
  partition: encodePartitionTable(ST_TABLE),
  littlefs: Buffer.concat([1, 2].map((revision) => encodeSuperblock(revision, 2))),
};
const ROLES = Object.keys(FILES) as (keyof typeof FILES)[];

const judged = (role: Role | undefined, bytes: Uint8Array, name = "file.bin") =>
  judgeFile({ name, bytes, role, room: undefined }).findings.map(({ severity, rule, found }) => ({
    severity,
    rule,
    found,
  }));

describe.each(ROLES)("a file for %s", (role) => {
  test("is sound, and no other's is in its place", () => {
    expect(judged(role, FILES[role])).toEqual([]);
    for (const other of ROLES) {
      if (other === role) continue;
      expect(judged(role, FILES[other])).toContainEqual(expect.objectContaining({ severity: "error" }));
    }
  });

  test("is not taken for bytes of no kind when its first byte is damaged", () => {
    const damaged = Buffer.from(FILES[role]);
    damaged.write("X");
    expect(judged(role, damaged).filter(({ rule }) => rule !== "key")).not.toEqual([]);
  });

  test.each([
    ["version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1489024\n", /^a Git LFS pointer/],
    ["/annex/objects/SHA256E-s1489024--4d7a.bin\n", /^a git-annex pointer/],
    ["\ufeff\r\n<!DOCTYPE html>\n<html><body>Sign in</body></html>", /^a web page$/],
    ["<HTML><head><title>404</title>", /^a web page$/],
    [gzipSync("an image"), /^a gzip file$/],
    [Buffer.from("504b0304140000000800", "hex"), /^a zip file$/],
    [Buffer.from("fd377a585a000001", "hex"), /^an xz file$/],
    [Buffer.from("7f454c46020101", "hex"), /^an ELF file$/],
    [":10010000214601360121470136007EFE09D2190140\n", /^an Intel HEX file$/],
    ["QCC74X_OTAVer1.0RAW ", /^an OTA file/],
    [Buffer.alloc(4096, 0xff), /^a blank file/],
    [Buffer.alloc(4096), /^a file of zeros$/],
    ["", /^an empty file$/],
  ])("which is %s is named as that", (content, named) => {
    expect(judged(role, Buffer.from(content))).toEqual([
      { severity: "error", rule: "malformed", found: expect.stringMatching(named) },
    ]);
  });
});

test("no damaged byte of an image or a table is sound", () => {
  const covered: [role: keyof typeof FILES, bytes: number][] = [
    ["boot2", 0x18c],
    ["firmware", 0x18c],
    ["partition", FILES.partition.length],
  ];
  fc.assert(
    fc.property(fc.constantFrom(...covered), fc.nat(), fc.integer({ min: 1, max: 255 }), ([role, bytes], at, mask) => {
      const damaged = Buffer.from(FILES[role]);
      const where = at % bytes;
      damaged[where] = (damaged[where] ?? 0) ^ mask;
      expect(judged(role, damaged)).toContainEqual(expect.objectContaining({ severity: "error" }));
    }),
  );
});

test("where any bytes will do, a file that came in place of another is refused all the same", () => {
  expect(judged(undefined, Buffer.from("any bytes"))).toEqual([]);
  expect(judged(undefined, Buffer.alloc(4096, 0xff))).toEqual([]);
  expect(judged(undefined, Buffer.from("version https://git-lfs.github.com/spec/v1\n"))).toHaveLength(1);
  expect(judged(undefined, gzipSync("a file"))).toHaveLength(1);
});

test("one superblock that is damaged is odd, two are an error", () => {
  const one = Buffer.from(FILES.littlefs);
  one.write("X", 8);
  expect(judged("littlefs", one)).toMatchObject([{ severity: "warning", rule: "littlefs" }]);
  one.write("X", 4096 + 8);
  expect(judged("littlefs", one)).toMatchObject([
    { severity: "error", rule: "littlefs" },
    { severity: "error", rule: "littlefs" },
  ]);
});
