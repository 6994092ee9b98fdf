import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseBootHeader, verifySignature } from "../../../harness/firmware/header.js";
import { syntheticFirmware } from "../../../harness/firmware/synthetic.js";
import { isSigned } from "../../../harness/sim/boot/signed.js";

const image = syntheticFirmware({ profile: "t01", version: "2.0.106", bytes: 16 * 1024 });
const BODY_AT = 0x1000;

function judged(bytes: Uint8Array): { remembered: boolean; anew: boolean } {
  const header = parseBootHeader(bytes, "image");
  const body = bytes.subarray(BODY_AT);
  const digest = createHash("sha256").update(body).digest();
  return { remembered: isSigned(header, body, digest), anew: verifySignature(header, body) };
}

test("a flipped bit in body, key or signature is judged anew, though the image as it was is remembered", () => {
  expect(judged(image)).toEqual({ remembered: true, anew: true });
  const keyAndSignature = fc.integer({ min: 0x100, max: 0x187 });
  const inBody = fc.integer({ min: BODY_AT, max: image.length - 1 });
  fc.assert(
    fc.property(fc.oneof(keyAndSignature, inBody), fc.nat(7), (at, bit) => {
      const bad = image.with(at, (image[at] ?? 0) ^ (1 << bit));
      for (const { remembered, anew } of [judged(bad), judged(bad)]) expect(remembered).toBe(anew);
      expect(judged(image).remembered).toBe(true);
    }),
  );
});

test("an unsigned image is not signed", () => {
  const header = { ...parseBootHeader(image, "image"), publicKey: undefined };
  expect(isSigned(header, image.subarray(BODY_AT), new Uint8Array(32))).toBe(false);
});

test("more images than are remembered", () => {
  const header = parseBootHeader(image, "image");
  const body = image.subarray(BODY_AT);
  const digest = createHash("sha256").update(body).digest();
  for (let other = 0; other < 600; other++)
    expect(isSigned({ ...header, signature: new Uint8Array(64).fill(other & 0xff, 0, 32) }, body, digest)).toBe(false);
  expect(isSigned(header, body, digest)).toBe(true);
});
