import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { inProcess as st67hil } from "../support/in-process.js";
import { type Scratch, scratch } from "../support/scratch.js";

const GOLDEN = resolve("test/golden/trace-chip-info.jsonl");

/** The golden trace with one piece of text in place of another. */
function changed(folder: Scratch, from: string, to: string): string {
  const text = readFileSync(GOLDEN, "utf8");
  expect(text).toContain(from);
  writeFileSync(folder.file("changed.jsonl"), text.replace(from, to));
  return folder.file("changed.jsonl");
}

const base64 = (hex: string): string => Buffer.from(hex, "hex").toString("base64");

test("a trace in which nothing was said proves nothing, and one that is cut off says so", async () => {
  using folder = scratch();
  const lines = readFileSync(GOLDEN, "utf8").split("\n");
  const [head, half] = [1, 17].map((count) => {
    const file = folder.file(`${count}.jsonl`);
    writeFileSync(file, `${lines.slice(0, count).join("\n")}\n`);
    return file;
  }) as [string, string];
  for (const to of [[], ["--to", "sim"]]) {
    const empty = await st67hil(["trace", "replay", head, ...to]);
    expect(empty).toMatchObject({ code: 2, stderr: expect.stringContaining("it holds nothing to replay") });
    const cut = await st67hil(["trace", "replay", half, ...to]);
    expect(cut).toMatchObject({ code: 0, stdout: expect.stringMatching(/; the trace is cut off there\n$/) });
  }
  const { code, stdout } = await st67hil(["trace", "diff", half, half]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^both tell the same \d+ exchanges\n.*is cut off there\n/)]);
});

describe("trace replay", () => {
  test.each([[], ["--to", "sim"]])("the golden trace says what this program says %j", async (...to) => {
    const { code, stdout } = await st67hil(["trace", "replay", GOLDEN, ...to]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^6 commands, 1 burst, 0 boots: /) });
  });

  /** What a module and its line may do, and a command of which a trace was made then. */
  test.each<[string[], string[]]>([
    [["chip", "boot"], []],
    [["chip", "reset"], []],
    [["chip", "info"], ["sim.wiring.txRx=open"]],
    [["chip", "info"], ["sim.link.maxBaud=1000000"]],
    [
      ["chip", "info"],
      ["sim.link.maxBaud=1000000", "serial.loadBaud=auto"],
    ],
    [["erase", "--start", "0", "--length", "0x1000"], []],
    [["read", "--length", "0x3000", "--out", "dump", "--force"], ["sim.contents=blank"]],
    [["chip", "boot"], ["sim.contents=blank"]],
    [["flash", "--file", "data", "--address", "0x378000", "--verify", "read"], []],
    [["flash", "--file", "data", "--address", "0x378000", "--erase", "none"], []],
    [
      ["flash", "--file", "data", "--address", "0x378000"],
      ["sim.faults=[{at: {command: flashWrite, nth: 2}, do: {refuse: 6}}]"],
    ],
    [["chip", "info"], ["sim.faults=[{at: {command: flashReadJedec, nth: 1}, do: silent}]"]],
  ])("what %j recorded with %j is sent again, and answered again", async (args, settings) => {
    using folder = scratch();
    writeFileSync(folder.file("data"), Buffer.from(Array.from({ length: 9000 }, (_, index) => (index * 7) % 251)));
    const set = settings.flatMap((each) => ["--set", each]);
    const cwd = folder.path;
    await st67hil([...args, ...set, "--trace", "t.jsonl"], { cwd });
    const host = await st67hil(["trace", "replay", "t.jsonl"], { cwd });
    expect(host).toMatchObject({ code: 0, stdout: expect.stringContaining("each byte as recorded") });
    const sim = await st67hil(["trace", "replay", "t.jsonl", "--to", "sim", ...set], { cwd });
    expect(sim).toMatchObject({ code: 0, stdout: expect.stringContaining("answers as recorded") });
  });

  test("the first byte that our session would send differently is told by command, offset, expected and found", async () => {
    using folder = scratch();
    const file = changed(folder, base64("222b08000100000080841e00"), base64("222b08000100000080841e01"));
    const { code, stdout } = await st67hil(["trace", "replay", file, "--json"]);
    expect({ ...JSON.parse(stdout).error, exit: code }).toMatchObject({
      exit: 2,
      code: "TRACE_DIFFERS",
      blame: "harness",
      message:
        "exchange 5 at 815.380 ms, clockSet irq 1, baud 18777216: what our session sends now, byte 1 of 12: expected 2b08000100000080, found 2c08000100000080",
      details: { exchange: 5, command: "clockSet", offset: 1 },
    });
  });

  test("the first byte that the simulator answers differently is told", async () => {
    using folder = scratch();
    const file = changed(folder, base64("4f4b0400c4601600"), base64("4f4b0400c4601700"));
    const { code, stderr } = await st67hil(["trace", "replay", file, "--to", "sim"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(
        "flashReadJedec: what the simulated module answers, byte 6 of 8: expected 1700, found 1600",
      ),
    });
    expect((await st67hil(["trace", "replay", file])).code).toBe(0);
  });

  test("what was recorded as silence, and is answered; and what is silent now", async () => {
    const other = await st67hil(["trace", "replay", GOLDEN, "--to", "sim", "--set", "sim.link.maxBaud=1000000"]);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("expected 4f4b, found the end") });
  });

  test("--rig and --set mean nothing to our own session", async () => {
    const { code, stderr } = await st67hil(["trace", "replay", GOLDEN, "--set", "sim.locked=false"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("--set does not go without --to sim"),
    });
  });
});

describe("trace diff", () => {
  test("0 when they tell the same, 1 when they do not, 2 when one cannot be read", async () => {
    using folder = scratch();
    const file = changed(folder, base64("2300040010270000"), base64("23000400d0070000"));
    expect(await st67hil(["trace", "diff", GOLDEN, GOLDEN])).toMatchObject({
      code: 0,
      stdout: "both tell the same 8 exchanges\n",
    });
    const { code, stdout } = await st67hil(["trace", "diff", GOLDEN, file]);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: [
        "3 exchanges are the same; then, in exchange 4, what was sent differs from its byte 4 on:",
        `  ${GOLDEN}: setIdleTimeout ms 10000: OK (at 815.080 ms)`,
        `  ${file}: setIdleTimeout ms 2000: OK (at 815.080 ms)`,
        "",
      ].join("\n"),
    });
    const document = await st67hil(["trace", "diff", GOLDEN, file, "--json"]);
    expect(JSON.parse(document.stdout)).toMatchObject({ equal: false, same: 3, divergence: { exchange: 4 } });
    expect((await st67hil(["trace", "diff", GOLDEN, folder.file("none")])).code).toBe(2);
  });
});

describe("every trace command", () => {
  test.each(["show", "replay", "vcd", "perfetto"])("trace %s refuses what is no trace", async (word) => {
    using folder = scratch();
    writeFileSync(folder.file("x"), "BFNP\n");
    for (const [file, code] of [
      [folder.file("x"), "TRACE_UNREADABLE"],
      [folder.path, "FILE_UNREADABLE"],
    ] as const) {
      const ended = await st67hil(["trace", word, file]);
      expect(ended).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(`error ${code} (config)`) });
    }
  });

  test("show --json is JSON Lines", async () => {
    const { code, stdout } = await st67hil(["trace", "show", GOLDEN, "--json"]);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect({ code, first: lines[0].type, last: lines.at(-1).type }).toEqual({
      code: 0,
      first: "trace",
      last: "closed",
    });
  });

  test.each(["vcd", "perfetto"])(
    "trace %s writes a file, or to standard output, the same; never over the trace",
    async (word) => {
      using folder = scratch();
      const out = folder.file("drawn");
      expect(await st67hil(["trace", word, GOLDEN, "--out", out])).toMatchObject({ code: 0, stdout: "" });
      expect((await st67hil(["trace", word, GOLDEN])).stdout).toBe(readFileSync(out, "utf8"));
      writeFileSync(folder.file("t"), readFileSync(GOLDEN));
      const over = await st67hil(["trace", word, folder.file("t"), "--out", folder.file("t")]);
      expect(over).toMatchObject({ code: 2, stderr: expect.stringContaining("is also the trace, which is read") });
    },
  );
});
