import { expect } from "@jest/globals";
import { encodeOta } from "../../../harness/firmware/ota.js";
import { xzCompress } from "../../../harness/native/xz.js";
import { RAW, T01, testDamages, XZ } from "../damage.js";
import { firmwareOf, otaOf } from "../small-package.js";

testDamages([
  {
    what: "a wrong OTA length",
    damage: (pkg) => pkg.flip(RAW, 0x14),
    rules: [`${RAW} ota-length`],
    told: { field: "payloadBytes", offset: 0x14, expected: "16384", found: "16385" },
  },
  {
    what: "a byte behind an OTA file",
    damage: (pkg) => pkg.write(RAW, Buffer.concat([pkg.read(RAW), Buffer.of(0)])),
    rules: [`${RAW} ota-length`],
    told: { offset: 512 + 16384, expected: "nothing behind 16384 bytes of payload", found: "1 bytes" },
  },
  {
    what: "a wrong OTA hash",
    damage: (pkg) => pkg.flip(XZ, 0x40),
    rules: [`${XZ} ota-hash`],
    told: { field: "payloadSha256", offset: 0x40 },
  },
  {
    what: "a payload that is another firmware",
    damage: (pkg) =>
      pkg.write(RAW, encodeOta({ ...otaOf("2.0.106"), kind: "raw", payload: firmwareOf("t01", "2.0.97") })),
    rules: [`${RAW} ota-payload`, `${RAW} version`, `${RAW} version`],
    told: { rule: "version", field: "otaVersion", offset: 0x30, expected: "2.0.97", found: "2.0.106" },
  },
  {
    what: "a payload that differs in one byte, with its right hash",
    damage: (pkg) => {
      const payload = Buffer.from(firmwareOf("t01"));
      payload.writeUInt8(1, 0x200);
      pkg.write(RAW, encodeOta({ ...otaOf("2.0.106"), kind: "raw", payload }));
    },
    rules: [`${RAW} ota-payload`],
    told: { field: "payload", offset: 512 + 0x200 },
  },
  {
    what: "a stream that expands to another firmware",
    damage: (pkg) =>
      pkg.write(XZ, encodeOta({ ...otaOf("2.0.106"), kind: "xz", payload: xzCompress(firmwareOf("t02")) })),
    rules: [`${XZ} ota-payload`, `${XZ} profile`],
    told: { field: "image.SW image", expected: "t01", found: "t02" },
  },
  {
    what: "a byte behind the stream, inside of the payload",
    damage: (pkg) => {
      const payload = Buffer.concat([xzCompress(firmwareOf("t01")), Buffer.of(0)]);
      pkg.write(XZ, encodeOta({ ...otaOf("2.0.106"), kind: "xz", payload }));
    },
    rules: [`${XZ} ota-payload`],
    told: { field: "payload", offset: 512, expected: "one xz stream with nothing behind it" },
  },
  {
    what: "a stream that was cut short",
    damage: (pkg) => {
      const payload = xzCompress(firmwareOf("t01")).subarray(0, -4);
      pkg.write(XZ, encodeOta({ ...otaOf("2.0.106"), kind: "xz", payload }));
    },
    rules: [`${XZ} ota-payload`],
    told: { found: expect.stringContaining("ends early") },
  },
  {
    what: "plain bytes under the name of a stream",
    damage: (pkg) => pkg.write(XZ, pkg.read(RAW)),
    rules: [`${XZ} ota-header`],
    told: { severity: "error", field: "kind", offset: 0x10, expected: "xz", found: "raw" },
  },
  {
    what: "an OTA file for other hardware",
    damage: (pkg) => pkg.flip(RAW, 0x20),
    rules: [`${RAW} ota-header`],
    told: { severity: "warning", field: "hardware", expected: "QCC_Module_v1.1", found: "PCC_Module_v1.1" },
  },
  {
    what: "an OTA file without its mark",
    damage: (pkg) => pkg.flip(RAW, 0x18),
    rules: [`${RAW} ota-header`],
    told: { severity: "warning", field: "mark", offset: 0x18 },
  },
  {
    what: "an OTA file without its magic",
    damage: (pkg) => pkg.flip(XZ, 0),
    rules: [`${XZ} malformed`],
    told: { field: "magic", expected: "QCC74X_OTAVer1.0" },
  },
  {
    what: "an OTA file without its image, of another profile",
    damage: (pkg) => {
      pkg.remove(T01);
      pkg.write(XZ, encodeOta({ ...otaOf("2.0.106"), kind: "xz", payload: xzCompress(firmwareOf("mfg")) }));
    },
    rules: [`${XZ} profile`],
    told: { field: "image.SW image", expected: "t01", found: "mfg" },
  },
  {
    what: "an OTA file without its image, of another version",
    damage: (pkg) => {
      pkg.remove(T01);
      pkg.write(RAW, encodeOta({ ...otaOf("2.0.97"), kind: "raw", payload: firmwareOf("t01", "2.0.97") }));
    },
    rules: [`${RAW} version`],
    told: { field: "image.version", expected: "2.0.106", found: "2.0.97" },
  },
]);
