import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { decodeText, oddIn } from "../../harness/base/text.js";

const utf16 = (text: string, big: boolean): Buffer => {
  const bytes = Buffer.from(`\uFEFF${text}`, "utf16le");
  return big ? bytes.swap16() : bytes;
};

test("any text comes out of UTF-8, with a mark or without, and of UTF-16 with one", () => {
  const texts = fc.string({ unit: "grapheme" }).filter((text) => !/[\0\uFEFF]/.test(text));
  fc.assert(
    fc.property(texts, (text) => {
      for (const bytes of [Buffer.from(text), Buffer.from(`\uFEFF${text}`), utf16(text, false), utf16(text, true)]) {
        const decoded = decodeText(bytes);
        expect(decoded.text).toBe(text);
        expect(oddIn(decoded.text ?? "")).toBeUndefined();
      }
    }),
  );
});

test("any bytes give text or the name of what they are, and the first odd byte is where it is told", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const decoded = decodeText(bytes);
      if (decoded.text === undefined) return expect(decoded.found).not.toBe("");
      const odd = oddIn(decoded.text);
      const told = /0x(..),/.exec(odd?.told ?? "")?.[1];
      if (odd !== undefined && told !== undefined && bytes[0] !== 0xff && bytes[0] !== 0xfe)
        expect(bytes[decoded.offsetOf(odd.index)]).toBe(Number.parseInt(told, 16));
      return undefined;
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["BFNP\0\u0001", "latin1", "binary data"],
  ["[cfg]\r\n", "utf16le", "UTF-16LE without a byte order mark"],
] as const)("%j in %s is told as %s", (text, encoding, found) => {
  expect(decodeText(Buffer.from(text, encoding))).toEqual({ text: undefined, found });
});

test("other encodings are told by name", () => {
  expect(decodeText(Buffer.from("[cfg]", "utf16le").swap16())).toMatchObject({
    found: "UTF-16BE without a byte order mark",
  });
  expect(decodeText(Buffer.from("fffe00005b000000", "hex"))).toMatchObject({ found: "text in UTF-32" });
  expect(decodeText(Buffer.from("fffe5b", "hex"))).toMatchObject({ found: "UTF-16LE with an odd number of bytes" });
  expect(oddIn("\uD83D")).toEqual({ index: 0, told: "half a character of UTF-16" });
});
