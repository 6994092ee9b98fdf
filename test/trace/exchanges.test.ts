import { describe, expect, test } from "@jest/globals";
import { FLASH_PARAMETERS } from "../../harness/protocol/flash.js";
import { openModule } from "../../harness/recover/open.js";
import { exchangesOf } from "../../harness/trace/conversation.js";
import { readTrace } from "../../harness/trace/read.js";
import type { TraceRecord } from "../../harness/trace/record.js";
import { withTrace } from "../../harness/trace/traced-rig.js";
import { simBench } from "../support/bench.js";
import { bootNormally } from "../support/boot.js";
import { bytes, toHex } from "../support/golden.js";
import { scratch } from "../support/scratch.js";
import { recorderTo } from "../support/trace.js";

/** Records with a millisecond between them, but where one says its own time. */
const told = (...all: readonly (readonly [from: "host" | "module", hex: string, atMs?: number])[]): TraceRecord[] => {
  let ms = 0;
  return all.map(([from, hex, atMs]) => {
    ms = atMs ?? ms + 1;
    return { ns: ms * 1e6, type: "bytes", from, data: bytes(hex) };
  });
};

const shown = (records: readonly TraceRecord[]) =>
  exchangesOf(records).map((each) => ({
    kind: each.kind,
    ...("name" in each && { name: each.name }),
    ...("answer" in each && { answer: each.answer.kind }),
    durationMs: each.durationMs,
  }));

test("BOOT that is released while an answer is awaited ends no exchange; a reset does", () => {
  const line = (ms: number, line: "boot" | "chipEn", asserted = false): TraceRecord => ({
    ns: ms * 1e6,
    type: "line",
    line,
    asserted,
  });
  const [command, ...rest] = told(["host", "10000000", 10], ["host", "10000000", 90], ["host", "10000000", 300]);
  const records = [line(0, "chipEn", true), command, line(50, "boot"), rest[0], line(200, "chipEn"), rest[1]];
  const durations = shown(records.filter((each) => each !== undefined)).map(({ durationMs }) => durationMs);
  expect(durations.slice(1, 3)).toEqual([80, 110]);
});

test("a session and a boot are told by what was asked and answered", async () => {
  using folder = scratch();
  const { rig, deadline, clock } = simBench();
  {
    using recorder = recorderTo(folder.file("trace.jsonl"), clock);
    const traced = withTrace(rig, recorder);
    await openModule(traced, deadline, {
      begin: (stage) => recorder.begin("stage", stage),
      stage: ({ stage }) => recorder.end("stage", stage),
    });
    await bootNormally(traced, deadline);
  }
  const { header, records, isCut } = readTrace(folder.file("trace.jsonl"));
  expect({ side: header.side, isCut }).toEqual({ side: "host", isCut: false });
  const found = exchangesOf(records);
  expect(found.map((each) => [each.kind, "name" in each ? each.name : "", each.baud, each.stage])).toEqual([
    ["boot", "", 500_000, "enter-rom"],
    ["burst", "", 500_000, "enter-rom"],
    ["command", "getBootInfo", 500_000, "enter-rom"],
    ["command", "setIdleTimeout", 500_000, "clock-set"],
    ["command", "clockSet", 500_000, "clock-set"],
    ["command", "getBootInfo", 2_000_000, "clock-set"],
    ["command", "flashSetPara", 2_000_000, "set-para"],
    ["command", "flashReadJedec", 2_000_000, "set-para"],
    ["boot", "", 2_000_000, undefined],
  ]);
  const [strap, burst] = found;
  expect(strap).toMatchObject({ kind: "boot", start: "rom", text: "" });
  expect(burst).toMatchObject({ answer: { kind: "ok" }, sent: Buffer.alloc(300, 0x55) });
  const clockSet = found.find((each) => each.kind === "command" && each.name === "clockSet");
  expect(clockSet).toMatchObject({ values: { irq: 1, baud: 2_000_000 }, answer: { kind: "ok" }, pendings: 0 });
  const boot = found.at(-1);
  expect(boot?.kind === "boot" && boot.start).toBe("application");
  expect(boot?.kind === "boot" && boot.text).toContain("component_version_sdk_");
});

describe("answers", () => {
  const jedec = "36000000";
  test.each([
    ["ok", told(["host", jedec], ["module", "4f4b0400c4601600"]), "ok", 1],
    ["in pieces", told(["host", jedec], ["module", "4f"], ["module", "4b0400c4"], ["module", "601600"]), "ok", 3],
    ["silence until the next", told(["host", jedec, 0], ["host", jedec, 2000]), "silence", 2000],
    ["only a beginning", told(["host", jedec], ["module", "4f4b04"]), "malformed", 1],
    ["no answer at all", told(["host", jedec], ["module", "ff00"]), "malformed", 1],
  ])("%s", (_, records, answer, durationMs) => {
    expect(shown(records)[0]).toEqual({ kind: "command", name: "flashReadJedec", answer, durationMs });
  });

  test("pending, then done; and pending alone", () => {
    const erase = "3c000000";
    const records = told(["host", erase], ["module", "5044"], ["module", "50444f4b"]);
    expect(exchangesOf(records)[0]).toMatchObject({ answer: { kind: "ok" }, pendings: 2, durationMs: 2 });
    expect(exchangesOf(records.slice(0, 2))[0]).toMatchObject({ answer: { kind: "pending" }, pendings: 1 });
  });

  test("a refusal by its name, and what is behind an OK", () => {
    const write = "3102050000000000ff";
    const [refused, late] = exchangesOf(
      told(["host", write], ["module", "464c0600"], ["host", write], ["module", "4f4b464c0600"]),
    );
    expect(refused).toMatchObject({ answer: { kind: "refused", status: 6, text: "FL 0006 (flash write error)" } });
    expect(late).toMatchObject({ answer: { kind: "ok" }, behind: bytes("464c0600") });
  });
});

describe("what a foreign host sent, as a port hands it over", () => {
  test("a frame in pieces is one, two at once are two", () => {
    const frame = `3bac580008410101${toHex(FLASH_PARAMETERS)}`;
    const records = told(["host", frame.slice(0, 20)], ["host", frame.slice(20)], ["module", "4f4b"]);
    expect(shown(records)).toEqual([{ kind: "command", name: "flashSetPara", answer: "ok", durationMs: 2 }]);
    expect(shown(told(["host", "6000000061000000"])).map(({ name }) => name)).toEqual([
      "xipReadStart",
      "xipReadFinish",
    ]);
  });

  test("bursts that follow at once are one, and later ones are others", () => {
    const found = exchangesOf(told(["host", "5555", 1], ["host", "5555", 20], ["host", "55", 200], ["module", "4f4b"]));
    expect(found.map(({ kind, sent }) => [kind, sent.length])).toEqual([
      ["burst", 4],
      ["burst", 1],
    ]);
  });

  test("boot2 answers a stream of 0x55 with a text", () => {
    const ready = Buffer.from("\r\nBoot2 ISP Ready").toString("hex");
    const found = exchangesOf(told(["host", "5555", 1], ["host", "5555", 2], ["module", ready, 3], ["host", "55", 4]));
    expect(found).toMatchObject([
      { kind: "burst", answer: { kind: "ok", data: bytes(ready) } },
      { kind: "burst", answer: { kind: "silence" } },
    ]);
  });

  test("a frame that was never ended, and what is none", () => {
    expect(shown(told(["host", "320008"], ["module", "00"], ["host", "fe01"]))).toEqual([
      { kind: "raw", durationMs: 1 },
      { kind: "raw", durationMs: 0 },
    ]);
    expect(shown(told(["module", "00"]))).toEqual([{ kind: "heard", durationMs: 0 }]);
  });
});
