import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { refuseUnsafe } from "../../harness/ncp/allowed.js";

const FORBIDDEN = ["+EFUSE-W", "+EFUSE-W-HEX", "+EFUSE-CFM", "+FLASH-W", "+FLASH-E", "+RESTORE", "+MFG"];

test.each([
  "AT+RESTORE",
  "at+restore",
  "AT + RESTORE",
  "AT+EFUSE-W=4,0x0",
  "AT+FLASH-E=?",
  "AT+MFGTEST?",
  "AT+GMR;+RESTORE",
  "AT+GMR\r\nAT+RESTORE",
  "AT+RES\bTORE",
  "AT+RES\u200bTORE",
  "ＡＴ＋ＲＥＳＴＯＲＥ",
  "+RESTORE",
])("%j is never sent", (text) => {
  expect(() => refuseUnsafe(text)).toThrow(expect.objectContaining({ code: "AT_FORBIDDEN" }));
});

test.each([
  ["", "begins with AT"],
  [" AT", "begins with AT"],
  ["GMR", "begins with AT"],
  ["AT+GMR\r\n", "got \\x0d"],
  ["AT\n", "got \\x0a"],
  ["AT+CWJAP=ä", "got \\xe4"],
  [`AT+${"x".repeat(1600)}`, "at most 1518 characters"],
])("%j is no command", (text, told) => {
  expect(() => refuseUnsafe(text)).toThrow(
    expect.objectContaining({ code: "USAGE", message: expect.stringContaining(told) }),
  );
});

test.each(["AT", "AT+GMR", "at+part?", 'AT+EFUSE-R=4,"0x01c",1', 'AT+CWJAP="a b","c;d"', "AT+OTASTART=1"])(
  "%s may be",
  (text) => {
    expect(() => refuseUnsafe(text)).not.toThrow();
  },
);

test("a forbidden command is found in any case, behind and among anything", () => {
  const noise = fc.stringMatching(/^[ ;,"\r\n\t\0\x7f]{0,4}$/);
  const disguised = fc.constantFrom(...FORBIDDEN).chain((command) =>
    fc
      .tuple(
        fc.string(),
        fc.array(fc.tuple(fc.boolean(), noise), { minLength: command.length, maxLength: command.length }),
        fc.string(),
      )
      .map(([before, how, after]) => {
        const middle = [...command].map((c, i) => (how[i]?.[0] ? c.toLowerCase() : c) + how[i]?.[1]).join("");
        return before + middle + after;
      }),
  );
  fc.assert(
    fc.property(disguised, (text) => {
      expect(() => refuseUnsafe(text)).toThrow(expect.objectContaining({ code: "AT_FORBIDDEN" }));
    }),
  );
});

test("whatever is let through is one line of ASCII that begins with AT", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string({ unit: "binary" }),
        fc.string().map((s) => `AT${s}`),
      ),
      (text) => {
        try {
          refuseUnsafe(text);
        } catch {
          return;
        }
        expect(text).toMatch(/^AT[ -~]*$/i);
      },
    ),
  );
});
