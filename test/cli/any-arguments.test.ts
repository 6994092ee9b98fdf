import { writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { st67hil } from "../support/cli.js";
import { inProcess } from "../support/in-process.js";
import { scratch } from "../support/scratch.js";

const COMMANDS = [
  "run",
  "list",
  "flash",
  "verify",
  "read",
  "erase",
  "chip",
  "report",
  "firmware",
  "frobnicate",
  "--version",
];
const WORDS = [
  ...[
    "info",
    "boot",
    "enter",
    "reset",
    "lint",
    "inspect",
    "synth",
    "identify",
    "x",
    "",
    "-1",
    "0x",
    "999999999999",
    "ä\u0000b".replace("\u0000", ""),
  ],
  ...[
    "--rig",
    "--set",
    "--json",
    "--firmware",
    "--profile",
    "--fw-version",
    "--config",
    "--file",
    "--address",
    "--start",
    "--length",
  ],
  ...[
    "--out",
    "--timeout",
    "--repeat",
    "--seed",
    "--grep",
    "--tag",
    "--suite",
    "--erase",
    "--raw",
    "--leave",
    "--dry-run",
    "--scenarios",
  ],
  ...[
    "t01",
    "t02",
    "2.0.106",
    "chip",
    "needed",
    "auto",
    "sim",
    "sim.chipId=1e5",
    "sim.flash.pageMs=-1",
    "a=b",
    "=",
    "[",
    "0x10000",
    "3s",
  ],
];
const ARGUMENTS = fc.tuple(
  fc.constantFrom(...COMMANDS),
  fc.array(fc.oneof(fc.constantFrom(...WORDS), fc.constant("DAMAGED")), { maxLength: 6 }),
);

/** Files of the wrong kind, as bytes: what a person may hand over by mistake. */
const FILES = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc.constant(Buffer.from("BFNP\u0001")),
  fc.constant(Buffer.from("[cfg]\nerase = 7\n")),
  fc.string().map((text) => Buffer.from(text)),
);

/** What a process adds is the same for all of them: its own end. */
const WHOLE = 6;

test("200 wrong argument lists and damaged files: never a stack trace, never another exit code", async () => {
  using folder = scratch();
  const cases = fc.sample(fc.tuple(ARGUMENTS, FILES), { numRuns: 200 });
  const offenders: unknown[] = [];
  for (const [index, [[command, words], file]] of cases.entries()) {
    const damaged = folder.file(`damaged-${index}`);
    writeFileSync(damaged, file);
    const args = [command, ...words].map((word) => (word === "DAMAGED" ? damaged : word));
    // Lanes are processes of the built program.
    const run = index < WHOLE || ["run", "list"].includes(command) ? st67hil : inProcess;
    const { code, stdout, stderr } = await run(args, { cwd: folder.path });
    const trace = /\n\s+at .*:\d+:\d+/.test(stderr + stdout);
    const wrong = code === null || ![0, 1, 2].includes(code) || trace || stderr.includes("INTERNAL");
    if (wrong) offenders.push({ args, code, stderr: stderr.slice(0, 500) });
  }
  expect(offenders).toEqual([]);
});
