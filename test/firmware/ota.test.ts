import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { encodeOta, parseOta } from "../../harness/firmware/ota.js";

const ota = { kind: "xz", hardware: "QCC_Module_v1.1", version: "2.0.106", payload: Buffer.from("payload") } as const;

/** Composed by hand from the documented layout. */
const HEADER =
  `${Buffer.from("QCC74X_OTAVer1.0XZ  ").toString("hex")}070000000102030405060708` +
  `${Buffer.from("QCC_Module_v1.1\x002.0.106\0\0\0\0\0\0\0\0\0").toString("hex")}` +
  `239f59ed55e737c77147cf55ad0c1b030b6d7ee748a7426952f9b852d5a935e5${"ff".repeat(512 - 0x60)}`;

test("a container is 512 bytes of header and the payload", () => {
  const bytes = encodeOta(ota);
  expect(Buffer.from(bytes.subarray(0, 512)).toString("hex")).toBe(HEADER);
  expect(parseOta(bytes, "x.ota")).toEqual(ota);
  expect(parseOta(encodeOta({ ...ota, kind: "raw" }), "x.ota").kind).toBe("raw");
});

test.each([
  ["magic", 0, "magic at 0x0: expected QCC74X_OTAVer1.0"],
  ["kind", 0x10, "kind at 0x10: expected RAW or XZ"],
  ["payload length", 0x14, "payloadBytes at 0x206: expected nothing behind 6 bytes of payload, got 1 bytes"],
  ["hash", 0x40, "payloadSha256 at 0x40: expected "],
  ["payload", 0x200, "payloadSha256 at 0x40: expected "],
])("a flipped bit in: %s", (_, at, message) => {
  const bytes = encodeOta(ota);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  expect(() => parseOta(bytes, "x.ota")).toThrow(`x.ota: ${message}`);
});

test("any bytes give a container or one of our errors", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(520), (noise, keep) => {
      const bytes = Buffer.concat([encodeOta(ota).subarray(0, keep), noise]);
      try {
        parseOta(bytes, "x.ota");
      } catch (error) {
        expect(error).toMatchObject({ name: "HarnessError", code: "IMAGE_INVALID" });
      }
    }),
  );
});
