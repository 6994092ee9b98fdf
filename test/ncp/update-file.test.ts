import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import { encodeOta } from "../../harness/firmware/ota.js";
import { syntheticBoot2 } from "../../harness/firmware/synthetic.js";
import { xzCompress } from "../../harness/native/xz.js";
import { readUpdate } from "../../harness/ncp/update-file.js";
import { container, imageOf } from "./containers.js";

const NAME = "st67w611m_mission_t01_v2.0.106";

test.each(["raw", "xz"] as const)("what a %s file would install is read from the image in it", (kind) => {
  const path = `folder/${NAME}.${kind === "raw" ? "bin" : "xz"}.ota`;
  const update = readUpdate(container({ kind }), path);
  expect(update).toMatchObject({ kind, profile: "t01", version: "2.0.106", warnings: [] });
  expect(update.image.bytes).toHaveLength(16_000);
  expect(update.image.bodySha256).toBe(readUpdate(container(), "x").image.bodySha256);
});

test("a name says nothing of a file that bears another, and tells the profile of 2.0.75 alone", () => {
  expect(readUpdate(container({ profile: "t02" }), "new.ota").profile).toBe("t02");
  const old = container({ version: "2.0.75" });
  expect(readUpdate(old, "old.ota").profile).toBeUndefined();
  const named = readUpdate(old, "st67w611m_mission_t01_v2.0.75.bin.ota");
  expect(named.profile).toBe("t01");
  expect(named.warnings).toEqual([expect.stringContaining("no marker")]);
});

const damaged = (bytes: Uint8Array, at: number) => {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};

test.each<[string, Uint8Array, string, RegExp]>([
  [
    "its name is another profile's",
    container({ profile: "t02" }),
    `${NAME}.bin.ota`,
    /SW image: expected t01, got t02/,
  ],
  [
    "its name is another version's",
    container({ version: "2.0.97" }),
    `${NAME}.bin.ota`,
    /expected 2.0.106, got 2.0.97/,
  ],
  ["its header states another version", container({ stated: "2.0.97" }), "x", /otaVersion/],
  ["its name says xz", container(), `${NAME}.xz.ota`, /kind at 0x10: expected xz, got raw/],
  ["it is for other hardware", container({ hardware: "other" }), "x", /hardware at 0x20/],
  ["its payload is damaged", damaged(container(), 9000), "x", /payloadSha256.*image.bodySha256.*image.signature/s],
  ["it is cut short", container().subarray(0, 9000), "x", /payloadBytes/],
  ["it goes on", Buffer.concat([container(), Buffer.alloc(3)]), "x", /nothing behind 16000 bytes of payload, got 3/],
  [
    "its stream does not expand",
    encodeOta({ kind: "xz", hardware: "QCC_Module_v1.1", version: "2.0.106", payload: imageOf() }),
    "x",
    /one xz stream/,
  ],
  [
    "it expands for ever",
    encodeOta({
      kind: "xz",
      hardware: "QCC_Module_v1.1",
      version: "2.0.106",
      payload: xzCompress(new Uint8Array(5_000_000)),
    }),
    "x",
    /expands to more than/,
  ],
  ["it is too large", container({ bytes: 0x1b4000 + 16 }), "x", /size: expected at most 1785856/],
  ["it is too large, expanded", container({ kind: "xz", bytes: 0x1b4000 + 16 }), "x", /size: expected at most 1785856/],
  [
    "it holds boot2",
    encodeOta({ kind: "raw", hardware: "QCC_Module_v1.1", version: "8.1.9", payload: syntheticBoot2() }),
    "x",
    /kind: expected firmware, got boot2/,
  ],
  ["it is an image", imageOf(), "x", /magic/],
  ["it is empty", new Uint8Array(), "x", /at least 512 bytes/],
])("refused: %s", (_, bytes, name, told) => {
  expect(() => readUpdate(bytes, name)).toThrow(
    expect.objectContaining({ code: "IMAGE_INVALID", message: expect.stringMatching(told) }),
  );
});

test("any bytes, and any that are changed, are an update or IMAGE_INVALID", () => {
  const good = container({ kind: "xz", bytes: 9300 });
  const changed = fc
    .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    .map((changes) => {
      const bytes = Uint8Array.from(good);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 1000 })), (bytes) => {
      try {
        expect(readUpdate(bytes, "x").version).toBe("2.0.106");
      } catch (error) {
        expect(error).toBeInstanceOf(HarnessError);
        expect(error).toMatchObject({ code: "IMAGE_INVALID" });
        expect((error as Error).message).not.toBe("");
      }
    }),
  );
});
