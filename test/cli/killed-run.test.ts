import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { validateStrict } from "ctrf";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { randomOf } from "../../harness/base/random.js";
import { st67hil } from "../support/cli.js";
import { eventsIn } from "../support/journal.js";
import { labels, own, scenariosIn } from "../support/lane-run.js";
import { Running } from "../support/running.js";
import { scratch } from "../support/scratch.js";

/** More of them for a thorough look: `npm run test:kills`. */
const KILLS = Number(process.env["ST67_HIL_KILLS"] ?? 3);
const CASES = 12;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  isArray: (name) => ["testsuite", "testcase"].includes(name),
});

test(
  `a run that is killed at ${KILLS} moments: each time its reports hold every case that had ended, and are not green`,
  async () => {
    const random = randomOf(1, "killed runs");
    for (let kill = 0; kill < KILLS; kill++) {
      using folder = scratch();
      const out = folder.file("run");
      const names = Array.from({ length: CASES }, (_, index) => String(index));
      const held = names[Math.floor(random() * CASES)];
      const body = `${random() < 0.5 ? "await enterRom();" : ""} if (label === "${held}") await new Promise(() => {});`;
      const scenario = own("own", `${body} measure("one", 1, "ms");`, labels(...names));
      await using run = new Running([...scenariosIn(folder, { own: scenario }), "--out", out]);
      const journal = join(out, "events.jsonl");
      const isHeld = () => existsSync(journal) && readFileSync(journal, "utf8").includes(`"case":"own ${held}"`);
      await run.until(isHeld);
      run.signal("SIGKILL");
      expect(await run.ended()).toBe("SIGKILL");
      const ended = eventsIn(journal).flatMap((event) => (event.type === "case.ended" ? [event.case] : []));
      expect(ended).toHaveLength(Number(held));
      expect(await st67hil(["report", out])).toMatchObject({ code: 0, stdout: expect.stringContaining("interrupted") });
      const xml = readFileSync(join(out, "junit.xml"), "utf8");
      expect(XMLValidator.validate(xml)).toBe(true);
      const suites: { testcase: { name: string; error?: unknown }[] }[] = parser.parse(xml).testsuites.testsuite;
      const cases = suites.flatMap(({ testcase }) => testcase);
      expect(cases.map(({ name }) => name)).toEqual(expect.arrayContaining(ended));
      expect(cases.find(({ name }) => name === "interrupted")).toHaveProperty("error");
      const ctrf = JSON.parse(readFileSync(join(out, "results.json"), "utf8"));
      validateStrict(ctrf);
      const tests: { name: string; status: string }[] = ctrf.results.tests;
      expect(tests.map(({ name }) => name)).toEqual(expect.arrayContaining(ended));
      expect(tests.find(({ name }) => name === "interrupted")).toMatchObject({ status: "failed" });
      expect(readFileSync(join(out, "summary.md"), "utf8")).toContain("interrupted");
    }
  },
  KILLS * 30_000,
);
