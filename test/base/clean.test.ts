import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { clean, jsonOf, oneLine } from "../../harness/base/clean.js";

const anyText = fc.string({
  unit: fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    fc.constantFrom("\x1b", "\x9b", "[", "]", "31m", "\x07", "\r", "\n", "\u202e", "\ud800", "\u2028"),
  ),
});
/** What no terminal shows as it is. */
const OBEYED = /(?![\n\t])\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Cs}/u;

test.each([
  ["\x1b[31mred\x1b[0m", "red"],
  ["\x1b]0;title\x07text", "text"],
  ["\x1b\x1b[31m[31mnested", "\\x1b[31mnested"],
  ["a\x9bJb", "ab"],
  ["a\x9b", "a\\x9b"],
  ["next\x85line", "next\\x85line"],
  ["exe\u202etxt.", "exe\\u202etxt."],
  ["a\u2028b\u2066c", "a\\u2028b\\u2066c"],
  ["\u{e0041}", "\\u{e0041}"],
  ["one\r\ntwo\rthree\tfour", "one\ntwo\nthree\tfour"],
  ["Füße, 信頼, 👩‍🔧", "Füße, 信頼, 👩‍🔧"],
])("%j is shown as %j", (text, shown) => {
  expect(clean(text)).toBe(shown);
});

test("nothing that a terminal obeys is left of any text, and cleaning once is enough", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(clean(text)).not.toMatch(OBEYED);
      expect(clean(clean(text))).toBe(clean(text));
      expect(oneLine(text)).not.toMatch(/[\n\t]/);
    }),
  );
});

test("JSON says the same value, and is as harmless", () => {
  fc.assert(
    fc.property(fc.dictionary(anyText, anyText), fc.constantFrom(undefined, 2), (value, indent) => {
      const text = jsonOf(value, indent);
      expect(text).not.toMatch(OBEYED);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  expect(jsonOf({ name: "\x9b31m\u202e" })).toBe('{"name":"\\u009b31m\\u202e"}');
});
