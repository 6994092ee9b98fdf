import { expect, test } from "@jest/globals";
import { st67hil as asProcess } from "../support/cli.js";
import { inProcess as st67hil } from "../support/in-process.js";
import { eventsIn } from "../support/journal.js";
import { scratch } from "../support/scratch.js";

const fault = (command: string, what: string, count: number) => [
  "--set",
  `sim.faults=[{ at: { command: ${command} }, do: ${what}, count: ${count} }]`,
];
const T01 = ["--profile", "t01", "--fw-version", "2.0.106"];
const ERASE = ["erase", "--whole-chip"];
const told = (command: string) => `${command} is not answered yet; it is waited for 100 s at most\n`;

test.each([
  [ERASE, "flashChipErase", "drop", 1, "ERASE_SILENT (module)"],
  [ERASE, "flashChipErase", "silent", 2, "COMMAND_TIMEOUT (link)"],
  [["erase", "--start", "0xF000", "--length", "0x1000"], "flashErase", "drop", 1, "ERASE_SILENT (module)"],
  [["flash", ...T01], "flashChipErase", "drop", 1, "ERASE_SILENT (module)"],
  [["flash", "--profile", "mfg", "--fw-version", "2.0.106"], "flashErase", "silent", 2, "COMMAND_TIMEOUT (link)"],
])("%j, %s %s for good: exit %i, and the wait is told on stderr", async (args, command, what, code, error) => {
  const ended = await st67hil([...args, ...fault(command, what, 1000)]);
  expect(ended.code).toBe(code);
  expect(ended.stderr).toContain(error);
  expect(ended.stderr).toContain(told(command));
});

test("--json: how often and how long it was waited", async () => {
  const { code, stdout } = await st67hil([...ERASE, "--json", ...fault("flashChipErase", "drop", 1000)]);
  const waits = [100_000, 10_000].map((waitedMs) => ({
    command: "flashChipErase",
    waitedMs,
    bootInfo: true,
    session: waitedMs === 10_000 ? "kept" : "ended",
  }));
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({
    code: 1,
    error: { code: "ERASE_SILENT", details: { waits } },
  });
});

test("in a run a wait is an event that the console shows; a silence that is healed fails nothing", async () => {
  using folder = scratch();
  const out = folder.file("run");
  const silence = fault("flashChipErase", "drop", 1);
  const ended = await asProcess(["run", "flash-and-boot", ...T01, "--out", out, ...silence]);
  expect(ended.code).toBe(0);
  expect(`${ended.stdout}${ended.stderr}`).toContain(
    "waiting  flash-and-boot t01@2.0.106: flashChipErase is not answered yet; it is waited for 100.0 s at most\n",
  );
  expect(eventsIn(`${out}/events.jsonl`).filter(({ type }) => type === "waiting")).toMatchObject([
    { case: "flash-and-boot t01@2.0.106", what: "flashChipErase", mostMs: 100_000 },
  ]);
});
