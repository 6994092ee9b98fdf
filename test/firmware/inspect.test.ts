import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { sha256 } from "../../harness/firmware/bytes.js";
import { readImage } from "../../harness/firmware/image.js";
import { inspect } from "../../harness/firmware/inspect.js";
import { ST_TABLE } from "../../harness/firmware/partition.js";
import { SYNTHETIC_KEY_HASH } from "../../harness/firmware/synthetic.js";
import { BOOT2, firmwareOf, LITTLEFS, SmallPackage } from "./small-package.js";

const T01 = "st67w611m_mission_t01_v2.0.106.bin";
const hex = (bytes: Uint8Array) => sha256(bytes).toString("hex");

test("an image: what it says of itself, and that it holds", () => {
  using pkg = new SmallPackage();
  const bytes = firmwareOf("t01");
  expect(inspect(pkg.path(T01))).toEqual({
    kind: "image",
    file: T01,
    bytes: 16384,
    sha256: hex(bytes),
    image: {
      kind: "firmware",
      profile: "t01",
      version: "2.0.106",
      buildTime: "Jan  1 2026 01:00:46",
      commit: "",
      antiRollback: 0,
      headerRevision: 1,
      bodyOffset: 0x1000,
      bodyBytes: 16384 - 0x1000,
      bootEntry: 0xa0000000,
      flags: { word: 0x72cd0101, sign: 1, encrypt: 0, noSegment: true, crcIgnore: true, hashIgnore: false },
      crcs: { flashConfig: "ok", clock: "ok", header: "ok", publicKey: "ok", signature: "ok" },
      bodySha256: readImage(bytes, T01).bodySha256,
      bodyHash: "ok",
      keyHash: SYNTHETIC_KEY_HASH,
      signature: "valid",
    },
  });
});

test.each([
  ["header CRC", 0xfc, { crcs: expect.objectContaining({ header: "bad", clock: "ok" }), signature: "valid" }],
  ["signature", 0x148, { crcs: expect.objectContaining({ signature: "bad" }), signature: "invalid", bodyHash: "ok" }],
  ["body", 0x3000, { bodyHash: "bad", signature: "invalid" }],
])("a damaged %s shows", (_, at, image) => {
  using pkg = new SmallPackage();
  pkg.flip(T01, at);
  expect(inspect(pkg.path(T01))).toMatchObject({ image });
});

test("an OTA file, and what it holds", () => {
  using pkg = new SmallPackage();
  const held = { profile: "t01", version: "2.0.106", signature: "valid" };
  for (const [name, format] of [
    [`${T01}.ota`, "raw"],
    [T01.replace(/bin$/, "xz.ota"), "xz"],
  ] as const)
    expect(inspect(pkg.path(name))).toMatchObject({
      kind: "ota",
      ota: { format, hardware: "QCC_Module_v1.1", version: "2.0.106", payload: "ok", image: held },
    });
  pkg.flip(`${T01}.ota`, 512);
  expect(inspect(pkg.path(`${T01}.ota`))).toMatchObject({ ota: { payload: "bad", image: undefined } });
});

test("a table, an ini and a file of no kind", () => {
  using pkg = new SmallPackage();
  expect(inspect(pkg.path("partition.bin"))).toMatchObject({ kind: "partition", table: ST_TABLE });
  expect(inspect(pkg.path("mfg_flash_prog_cfg.ini"))).toMatchObject({
    kind: "ini",
    ini: { erase: 2, boot2Isp: false },
  });
  expect(inspect(pkg.path(LITTLEFS))).toEqual({
    kind: "littlefs",
    superblock: { version: 0x20001, blockBytes: 4096, blocks: 2 },
    file: "littlefs.bin",
    bytes: 8192,
    sha256: hex(pkg.read(LITTLEFS)),
  });
});

test("a package: all its files and those that its inis name, damaged ones too", () => {
  using pkg = new SmallPackage();
  pkg.write("partition.bin", "noise");
  pkg.write("efusedata_mask.bin", "mask");
  const facts = inspect(pkg.dir);
  expect(facts).toMatchObject({ kind: "package", path: pkg.dir, keyHashes: [SYNTHETIC_KEY_HASH] });
  if (facts.kind !== "package") throw new Error("a folder is a package");
  expect(facts.files.map(({ file, kind }) => `${file} ${kind}`)).toEqual([
    "mfg_flash_prog_cfg.ini ini",
    "mission_t01_flash_prog_cfg.ini ini",
    "mission_t02_flash_prog_cfg.ini ini",
    "partition.bin damaged",
    `${BOOT2} image`,
    "st67w611m_mfg_v2.0.106.bin image",
    `${T01} image`,
    `${T01}.ota ota`,
    "st67w611m_mission_t01_v2.0.106.xz.ota ota",
    "st67w611m_mission_t01_v2.0.97.bin image",
    "st67w611m_mission_t02_v2.0.106.bin image",
    `${LITTLEFS} littlefs`,
    "efusedata.bin efuse",
    "efusedata_mask.bin efuse-mask",
  ]);
  expect(facts.files[3]).toMatchObject({ bytes: 5, problem: expect.stringContaining("at least 20 bytes") });
});

test.each([
  ["/no/such/file", "FILE_UNREADABLE"],
  ["test/golden", "PACKAGE_INVALID"],
])("%s: nothing to look at", (path, code) => {
  expect(() => inspect(path)).toThrow(expect.objectContaining({ name: "HarnessError", code }));
});

test("random damage to a file never throws in a package, and only our errors by itself", () => {
  using pkg = new SmallPackage();
  const noise = fc.tuple(
    fc.constantFrom(...pkg.names),
    fc.nat(0x200),
    fc.uint8Array({ maxLength: 64 }),
    fc.nat(20_000),
  );
  fc.assert(
    fc.property(noise, ([name, at, bytes, length]) => {
      const damaged = Buffer.concat([pkg.read(name).subarray(0, at), bytes, pkg.read(name).subarray(at)]);
      pkg.write(name, damaged.subarray(0, length));
      expect(inspect(pkg.dir)).toMatchObject({ kind: "package" });
      try {
        inspect(pkg.path(name));
      } catch (error) {
        expect(error).toMatchObject({ name: "HarnessError" });
      }
      pkg.restore(name);
    }),
    { numRuns: 100 },
  );
}, 30_000);
