import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { z } from "zod";
import { askCompletion, inBash } from "./support/completion.js";

const text = readFileSync("docs/ci.md", "utf8");
const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", block = ""]) => ({
  language,
  block,
}));
const pipelines = blocks.filter(({ language }) => language === "yaml").map(({ block }) => parse(block) as object);

const stringsIn = (value: unknown): string[] =>
  typeof value === "string"
    ? [value]
    : value !== null && typeof value === "object"
      ? Object.values(value).flatMap(stringsIn)
      : [];

/** The words of each `st67-hil` line, as the server's YAML, Groovy and shell hand them over. */
const wordsIn = (script: string): string[][] =>
  [...script.replaceAll("\\\n", " ").matchAll(/^\s*(?:exec |sudo )?st67-hil (.*)$/gm)].map(([, line = ""]) =>
    [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ""),
  );
const inPipelines = pipelines.flatMap(stringsIn).flatMap(wordsIn);
const inScripts = blocks.flatMap(({ language, block }) => (language === "yaml" ? [] : wordsIn(block)));
const lines = [...inPipelines, ...inScripts];
const argumentOf = (words: readonly string[], option: string) => words[words.indexOf(option) + 1];

describe("what the program is told", () => {
  inBash();
  const offered = async (...typed: string[]): Promise<string[]> => (await askCompletion(typed)).stdout.split("\n");

  test.each(lines.map((words) => [words.join(" "), words] as const))("st67-hil %s", async (_, words) => {
    const command: string[] = [];
    for (const word of words) {
      if (word.startsWith("-") || !(await offered(...command, word.slice(0, 1))).includes(word)) break;
      command.push(word);
    }
    expect(command).not.toEqual([]);
    const known = await offered(...command, "--");
    const options = words.filter((word) => word.startsWith("--"));
    expect(options.filter((option) => !known.includes(option))).toEqual([]);
  });

  test("in passing, too", async () => {
    const known = await offered("");
    const named = [...text.matchAll(/`st67-hil ([a-z]+)/g)].map(([, word = ""]) => word);
    expect(named.filter((word) => !known.includes(word))).toEqual([]);
  });

  test("attachments are looked for where the run puts them", () => {
    const runs = lines.filter(([command]) => command === "run");
    expect(runs).toHaveLength(4);
    for (const words of runs) expect(argumentOf(words, "--attachment-base")).toBe(argumentOf(words, "--out"));
  });
});

const hours = (words: readonly string[]) => Number(/^(\d+)h$/.exec(argumentOf(words, "--time-budget") ?? "")?.[1]);
const runOf = (script: string) => wordsIn(script).find(([command]) => command === "run") ?? [];

const always = z.string().startsWith("always()");
const Step = z.union([
  z.strictObject({
    uses: z.string().regex(/^[\w-]+\/[\w-]+@v\d+$/),
    if: always.optional(),
    with: z.record(z.string(), z.string()).optional(),
  }),
  z.strictObject({ name: z.string(), id: z.string().optional(), if: always.optional(), run: z.string() }),
]);
const Workflow = z.strictObject({
  name: z.string(),
  on: z.strictObject({
    schedule: z.array(z.strictObject({ cron: z.string().regex(/^(\S+ ){4}\S+$/) })),
    workflow_dispatch: z.null(),
  }),
  permissions: z.record(z.string(), z.enum(["read", "write"])),
  concurrency: z.string(),
  jobs: z.strictObject({
    hil: z.strictObject({ "runs-on": z.array(z.string()), "timeout-minutes": z.number(), steps: z.array(Step) }),
  }),
});

test("GitHub: a signal reaches the run, which ends before it is cut, and all that comes after it is done whatever it says", () => {
  const { steps, "timeout-minutes": timeout } = Workflow.parse(pipelines.find((each) => "jobs" in each)).jobs.hil;
  const at = steps.findIndex((step) => "id" in step && step.id === "run");
  const step = steps[at];
  const script = step !== undefined && "run" in step ? step.run : "";
  expect(script).toMatch(/^exec st67-hil run [^\n]*\n?$/);
  expect(60 * hours(runOf(script))).toBeLessThan(timeout);
  expect(steps.slice(at + 1).filter((step) => step.if === undefined)).toEqual([]);
  const paths = steps.flatMap((step) => ("with" in step ? [step.with?.["path"], step.with?.["report_paths"]] : []));
  for (const path of paths.filter((path) => path !== undefined)) expect(path).toMatch(/^out\/night(\/junit\.xml)?$/);
});

const Job = z.strictObject({
  stage: z.string().optional(),
  tags: z.array(z.string()),
  rules: z.array(z.strictObject({ if: z.string() })).optional(),
  parallel: z.number().optional(),
  resource_group: z.string().optional(),
  timeout: z
    .string()
    .regex(/^\d+h$/)
    .optional(),
  when: z.literal("always").optional(),
  script: z.array(z.string()),
  allow_failure: z.strictObject({ exit_codes: z.literal(2) }).optional(),
  artifacts: z.strictObject({
    when: z.literal("always"),
    paths: z.array(z.string()),
    reports: z.strictObject({ junit: z.string(), metrics: z.string().optional() }).optional(),
  }),
});
const Pipeline = z.object({ stages: z.array(z.string()).optional() }).catchall(Job);

test("GitLab: reports are kept whatever the run says, it ends before it is cut, and a 2 is a warning", () => {
  const parsed = pipelines.filter((each) => !("jobs" in each)).map((each) => Pipeline.parse(each));
  expect(parsed).toHaveLength(2);
  for (const { stages = ["test"], ...jobs } of parsed)
    for (const { stage = "test", script, timeout = "", allow_failure, artifacts } of Object.values(jobs)) {
      expect(stages).toContain(stage);
      for (const report of Object.values(artifacts.reports ?? {}))
        expect(artifacts.paths.some((path) => report?.startsWith(`${path}/`))).toBe(true);
      const words = runOf(script.join("\n"));
      if (words.length === 0) continue;
      expect(allow_failure).toEqual({ exit_codes: 2 });
      expect(hours(words)).toBeLessThan(Number.parseInt(timeout, 10));
    }
});

test("Jenkins: 1 and 2 are told apart, and reports are kept whatever the run says", () => {
  const { block = "" } = blocks.find(({ language }) => language === "groovy") ?? {};
  for (const [open, close] of ["{}", "()", "[]"])
    expect(block.split(open ?? "").length).toBe(block.split(close ?? "").length);
  expect(block).toMatch(/if \(code == 1\) error\(.*\n\s+if \(code != 0\) unstable\(/);
  expect(block).toMatch(/post \{\s+always \{\s+junit [^\n]*\n\s+archiveArtifacts /);
  expect(hours(runOf(block))).toBeLessThan(Number(/timeout\(time: (\d+), unit: 'HOURS'\)/.exec(block)?.[1]));
});
