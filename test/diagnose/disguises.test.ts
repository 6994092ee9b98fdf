import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { diagnose } from "../../harness/diagnose/diagnose.js";
import { inThreeLines } from "../../harness/diagnose/in-three-lines.js";
import { evidenceOfLog } from "../../harness/diagnose/log.js";
import { textOf } from "../../harness/diagnose/read.js";
import { NO_INI, SEED1, SEED2 } from "./seed-logs.js";

const of = (text: string) => diagnose(evidenceOfLog(text));
const told = (text: string) => {
  const { verdict, stage, causes } = of(text);
  return { verdict, stage, causes: causes.map(({ code }) => code) };
};
const LOGS = { SEED1, SEED2, NO_INI } as const;
const everyLine = (change: (line: string, at: number) => string) => (log: string) =>
  log.trimEnd().split("\n").map(change).join("\n");
const html = (log: string): string =>
  log
    .replaceAll("&", "&amp;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
    .replaceAll(">", "&gt;")
    .replaceAll(" - ", "&nbsp;&#8211;&nbsp;");

/** What mail, pages, terminals and editors make of a log. */
const DISGUISES: Readonly<Record<string, (log: string) => string>> = {
  "line ends of Windows": (log) => log.replaceAll("\n", "\r\n"),
  "line ends of old": (log) => log.replaceAll("\n", "\r"),
  "colours of a terminal": everyLine((line) => `\x1b[32m${line}\x1b[0m`),
  "quoted in a mail": everyLine((line) => `> > ${line}`),
  "numbers of lines": everyLine((line, at) => `${at + 1}: ${line}`),
  "columns of a table": everyLine((line, at) => `| ${at + 1} | ${line} |`),
  "times of a journal": everyLine((line) => `Nov 28 12:00:00 pi st67[123]: ${line}`),
  "quotes of a word processor": (log) =>
    log
      .replace(/b'([^']*)'/g, "b‘$1’")
      .replace(/"([^"]*)"/g, "“$1”")
      .replaceAll(" - ", " – "),
  "blanks that do not break": (log) => log.replaceAll(" ", "\u00a0"),
  "entities of a page": html,
  "tags of a page": (log) =>
    `<div><pre>${everyLine((line) => `<span class="x">${html(line)}</span><br>`)(log)}</pre></div>`,
  "one line of a page": (log) => log.replace(/^(\[.*)\n/gm, "$1 "),
  "invisible letters": (log) => log.replaceAll("[", "\u200b[\ufeff"),
  "escaped brackets": (log) => log.replace(/\[(\d\d:\d\d:\d\d\.\d{3})\]/g, "\\[$1\\]"),
  indentation: everyLine((line) => `    ${line}`),
  "no times": (log) => log.replace(/^\[[\d:.]+\] - /gm, ""),
};

describe.each(Object.entries(DISGUISES))("%s", (_, disguise) => {
  test.each(Object.entries(LOGS))("%s", (_name, log) => {
    expect(told(disguise(log))).toEqual(told(log));
  });
});

test.each([
  ["UTF-16", Buffer.from(`\ufeff${SEED1}`, "utf16le")],
  ["UTF-16 without a mark", Buffer.from(SEED1, "utf16le")],
  ["UTF-8 with a mark", Buffer.from(`\ufeff${SEED1}`)],
  ["the quotes of Windows' own alphabet", Buffer.from(SEED1.replace(/b'([^']*)'/g, "b\x91$1\x92"), "latin1")],
  [
    "a module that talks on the same terminal",
    Buffer.concat([Buffer.from([0, 0xff, 0xfe, 0, 10]), Buffer.from(SEED1)]),
  ],
])("%s is read", (_, bytes) => {
  expect(told(textOf(bytes, "x"))).toEqual(told(SEED1));
});

test("what is no text is refused with what it is", () => {
  expect(() => textOf(Buffer.from([0x42, 0x46, 0x4e, 0x50, 0, 0, 0, 1]), "x.bin")).toThrow(
    "x.bin: expected a log of the vendor's tool or a trace, got binary data",
  );
});

/** Text, some of it with the words of the tool in it, as whole lines or within them. */
const words = [...new Set((SEED1 + SEED2 + NO_INI).split("\n"))];
const anyText = fc
  .array(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...words)), { maxLength: 40 })
  .map((all) => all.join("\n"));

test("any text has a diagnosis", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const diagnosis = of(text);
      expect(inThreeLines(diagnosis).length).toBeLessThanOrEqual(3);
      if (diagnosis.verdict === "ok") expect(text).toContain("[All Success]");
    }),
  );
});

test("a good log that is cut is never ok without its end", () => {
  const end = SEED2.indexOf("[All Success]") + "[All Success]".length;
  fc.assert(
    fc.property(fc.nat(SEED2.length), (at) => {
      expect(of(SEED2.slice(0, at)).verdict === "ok").toBe(at >= end);
    }),
    { numRuns: 300 },
  );
  for (let at = end - 60; at < end; at++) expect(of(SEED2.slice(0, at)).verdict).toBe("unclear");
});

const foreignLine = fc.oneof(
  fc.string(),
  fc.constantFrom(
    "$ ls -l",
    "PS D:\\ncp>",
    "[ 9080153.452919] usb 1-10.3: new high-speed USB device number 55 using xhci_hcd",
    "12:00:00.123 ERROR could not open port",
    "make: *** [flash] Error 1",
    "Traceback (most recent call last):",
    "OK",
    "FAIL",
    "Retry",
    "[All Success]",
    "Verify fail",
    "Program Start",
    "Burn return with retry fail",
    "[12:00:01.000] INFO everything is fine",
    '{"ErrorCode": "0001"}',
    "ack is b''",
    "UnicodeDecodeError: 'utf-8' codec can't decode byte 0x80",
  ),
);

test.each(Object.entries(LOGS))("lines of others between those of %s change nothing", (_, log) => {
  const lines = log.split("\n");
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(lines.length), foreignLine), { maxLength: 12 }), (others) => {
      const mixed = [...lines];
      for (const [at, other] of others) mixed.splice(at, 0, other);
      expect(told(mixed.join("\n"))).toMatchObject({ verdict: told(log).verdict, stage: told(log).stage });
      expect(told(mixed.join("\n")).causes[0]).toBe(told(log).causes[0]);
    }),
  );
});

test("a line without an end, and 100 000 lines of something else, take no time worth a word", () => {
  for (const text of [
    "[".repeat(1e6),
    "<".repeat(1e6),
    " ".repeat(1e6),
    "&".repeat(1e6),
    "ack is b'".repeat(1e5),
    `ack is b'${"55".repeat(1e6)}'`,
  ])
    expect(of(text).verdict).toBe("unclear");
  expect(of("[12:00:00.000] - nothing of it\n".repeat(100_000)).verdict).toBe("unclear");
});
