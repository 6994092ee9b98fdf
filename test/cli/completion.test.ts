import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { delimiter, dirname, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { askCompletion, inBash } from "../support/completion.js";
import { scratch } from "../support/scratch.js";

inBash();

const folder = scratch();
afterAll(() => folder[Symbol.dispose]());

async function offered(...typed: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await askCompletion(typed, folder.path);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.split("\n").slice(0, -1);
}

test.each([
  [[""], ["run", "flash", "chip", "completion"], ["info", "--help"]],
  [["history", ""], ["trend", "rebuild"], ["--json"]],
  [["report", "m"], ["merge"], ["--json"]],
  [
    ["report", "merge", "--"],
    ["--out", "--json"],
    ["merge", "--keep"],
  ],
  [
    ["chip", ""],
    ["info", "boot"],
    ["run", "--json"],
  ],
  [
    ["chip", "info", "--"],
    ["--json", "--rig"],
    ["info", "boot"],
  ],
  [["flash", "--json", "--"], ["--profile"], ["--json", "run"]],
  [["flash", "--profile", ""], ["t01", "t02", "mfg"], ["--json"]],
  [["completion", ""], ["bash", "zsh"], []],
])("%j: what may follow", async (typed, among, not) => {
  const words = await offered(...typed);
  expect(words).toEqual(expect.arrayContaining(among));
  expect(words.filter((word) => not.includes(word))).toEqual([]);
  expect(words).toEqual([...new Set(words)]);
});

test("a value that may be anything is left to the shell, which knows files", async () => {
  expect(await offered("flash", "--file", "")).toEqual([]);
  expect(await offered("flash", "--file", "x")).toEqual([]);
  expect(await offered("flash", "--file", "--")).toContain("--address");
});

test("a mistake further left is told when the line is run", async () => {
  expect(await offered("flash", "--address", "zz", "--")).toContain("--file");
});

const WORDS = [
  "chip",
  "info",
  "erase",
  "--whole-chip",
  "run",
  "identify",
  "rig",
  "new",
  "safe",
  "firmware",
  "synth",
  "x",
];
const MORE = [
  "--help",
  "--version",
  "--json",
  "--out",
  "--address",
  "-1",
  "--",
  "-",
  "",
  "help",
  "completion",
  "report",
];

test("nothing that is typed is done, and nothing else is said", async () => {
  const typed = fc.array(fc.oneof(fc.constantFrom(...WORDS, ...MORE), fc.string()), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(typed, async (words) => {
      for (const line of await offered(...words)) expect(line).toMatch(/^(--?)?[a-z][a-z0-9-]*$/);
    }),
    { numRuns: 200 },
  );
  expect(readdirSync(folder.path)).toEqual([]);
});

describe("in the shell itself, whatever the login shell is", () => {
  const bin = scratch();
  afterAll(() => bin[Symbol.dispose]());
  beforeAll(() => {
    mkdirSync(bin.file("bin"));
    symlinkSync(resolve("dist/harness/cli/main.js"), bin.file("bin/st67-hil"));
  });

  const says = (shell: string, args: readonly string[], script: string): string[] => {
    const PATH = [bin.file("bin"), dirname(process.execPath), process.env["PATH"]].join(delimiter);
    const env = { ...process.env, PATH, SHELL: shell === "zsh" ? "/bin/bash" : "/bin/zsh" };
    return execFileSync(shell, [...args, script], { env, encoding: "utf8", cwd: folder.path })
      .trim()
      .split("\n");
  };
  const ifThere = (shell: string) => (spawnSync(shell, ["-c", ""]).status === 0 ? test : test.skip);

  ifThere("bash")("bash", () => {
    const script = `source <(st67-hil completion bash)
      COMP_WORDS=(st67-hil chip in) COMP_CWORD=2
      _st67-hil_yargs_completions
      echo "\${COMPREPLY[@]}"; complete -p st67-hil`;
    expect(says("bash", ["--norc", "-c"], script)).toEqual([
      "info",
      "complete -o bashdefault -o default -F _st67-hil_yargs_completions st67-hil",
    ]);
  });

  ifThere("zsh")("zsh", () => {
    const script = `compdef() { print -l $* }
      _describe() { print -l $reply }
      source <(st67-hil completion zsh)
      words=(st67-hil chip in) CURRENT=3
      _st67-hil_yargs_completions`;
    expect(says("zsh", ["-f", "-c"], script)).toEqual([
      "_st67-hil_yargs_completions",
      "st67-hil",
      "info:Identity, lock state, flash and fuses",
      "boot:Boot the firmware and tell its banner",
      "reset:Boot the firmware without waiting for it",
      "enter:Put the module into its boot ROM",
    ]);
  });
});
