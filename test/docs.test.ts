import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { writeSyntheticPackage } from "../harness/firmware/synthetic-package.js";
import { SEED1 } from "./diagnose/seed-logs.js";
import { st67hil } from "./support/cli.js";
import { Running } from "./support/running.js";
import { scratch } from "./support/scratch.js";

const DOCUMENTS = [
  "README.md",
  "docs/bench.md",
  "docs/scenarios.md",
  "docs/nightly.md",
  "docs/brick.md",
  "docs/stress.md",
  "docs/sweep.md",
  "docs/runs.md",
  "docs/pi.md",
  "docs/simulator.md",
  "docs/foreign-programs.md",
  "docs/history.md",
  "docs/traces.md",
  "docs/diagnose.md",
];

interface Shown {
  readonly document: string;
  readonly args: readonly string[];
  /** What the document says comes of it. */
  readonly output: readonly string[];
}

const COMMAND = /^(?:\$ )?(?:npx )?st67-hil (?!\d)(.*)$/;

/** Every command that a document has its reader type, as written, with the output that it shows. */
function commandsIn(document: string): Shown[] {
  const fenced = readFileSync(document, "utf8").matchAll(/^```(\w*)\n(.*?)^```$/gms);
  const blocks = [...fenced].flatMap(([, language, text = ""]) => (language === "" ? [text] : []));
  return blocks.flatMap((block) => {
    const found: { document: string; args: string[]; output: string[] }[] = [];
    for (const line of block.trimEnd().split("\n")) {
      const [, words] = COMMAND.exec(line) ?? [];
      if (words !== undefined) found.push({ document, args: wordsOf(words), output: [] });
      else if (!/^(\$ |npx |sudo |npm )/.test(line)) found.at(-1)?.output.push(line);
    }
    return found;
  });
}

/** As a shell takes them apart; no document needs more of one. */
const wordsOf = (line: string): string[] =>
  [...line.replace(/\s#.*$/, "").matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");

/** Numbers differ from day to day, and so do the words of their units, the ids of runs and the widths of columns. */
const shapeOf = (line: string): string =>
  line
    .replace(/\d{8}-\d{6}-[0-9a-f]{4}/g, "R")
    .replace(/[0-9a-f]{12,}/g, "H")
    .replace(/\d+(\.\d+)?/g, "N")
    .replace(/ {2,}/g, "  ")
    .trim();

const folder = scratch();
afterAll(() => folder[Symbol.dispose]());

/** What a reader has by then: the vendor's package, and the files that the README has one make. */
beforeAll(() => {
  const ncp = writeSyntheticPackage(folder.file("package"));
  symlinkSync(ncp, folder.file("NCP_Binaries"));
  symlinkSync(join(ncp, "mission_t01_flash_prog_cfg.ini"), folder.file("mission_t01_flash_prog_cfg.ini"));
  symlinkSync(join(ncp, "../../LittleFS/littlefs/littlefs.bin"), folder.file("littlefs.bin"));
  writeFileSync(folder.file("flash.log"), SEED1);
  writeFileSync(folder.file("fuses.bin"), Buffer.alloc(16, 1));
  for (const document of DOCUMENTS)
    for (const [, file = "", text = ""] of readFileSync(document, "utf8").matchAll(PUT_INTO)) {
      mkdirSync(dirname(folder.file(file)), { recursive: true });
      writeFileSync(folder.file(file), text);
    }
  const [, quarantine = ""] = /```yaml\n(- case: .*?)```/s.exec(readFileSync("docs/runs.md", "utf8")) ?? [];
  writeFileSync(folder.file("quarantine.yaml"), quarantine);
});

const PUT_INTO = /Put this into `([^`]+)`.*?```ts\n(.*?)```/gs;

/** A reader is no root: the services are theirs. */
const READER = { SUDO_USER: "nobody" };

/** Where hardware, or a person who answers, is needed from here on. */
const NEEDED =
  /RIG_UNFIT|PORT_UNAVAILABLE|GPIO_|DRIVER_MISSING|TERMINAL_MISSING|without a terminal nobody|✗|FILE_UNREADABLE/;
const WRONG = /Unknown argument|Unknown command|Did you mean|No such command|INTERNAL|Not enough|error USAGE/i;

describe.each(DOCUMENTS)("%s", (document) => {
  test.each(commandsIn(document).map((shown) => [shown.args.join(" "), shown] as const))(
    "st67-hil %s",
    async (_, { args, output }) => {
      if (args[0] === "sim") {
        await using sim = new Running(args, folder.path);
        await sim.until(() => sim.stdout.includes(" -> /dev/pts/"));
        sim.signal("SIGTERM");
        expect(await sim.ended()).toBe(143);
        return;
      }
      if (args[0] === "rig") rmSync(folder.file(args[2] ?? ""), { force: true });
      const { code, stdout, stderr } = await st67hil(args, { cwd: folder.path, env: READER });
      const needs = NEEDED.test(stdout + stderr);
      expect({ wrong: needs ? null : (WRONG.exec(stdout + stderr)?.[0] ?? null), code }).toEqual({
        wrong: null,
        code: needs || output.some((line) => /^(broken|failed) /.test(line)) ? expect.any(Number) : 0,
      });
      const lines = stdout.split("\n").map(shapeOf);
      const missing = needs ? [] : output.filter((line) => line.trim() !== "" && !lines.includes(shapeOf(line)));
      expect(missing).toEqual([]);
    },
  );
});

test("every command that a document names is one", async () => {
  const { stdout, stderr } = await st67hil(["--help"]);
  const known = new Set([...(stdout + stderr).matchAll(/^ {2}st67-hil (\S+)/gm)].map(([, word]) => word));
  expect(known.size).toBeGreaterThan(8);
  for (const document of [...DOCUMENTS, "CONTRIBUTING.md"]) {
    const named = [...readFileSync(document, "utf8").matchAll(/`(?:npx )?st67-hil ([a-z]+)/g)].map(([, word]) => word);
    expect({ document, unknown: named.filter((word) => !known.has(word)) }).toEqual({ document, unknown: [] });
  }
});
