import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { Quirks } from "../../harness/sim/quirks.js";
import { Ncp } from "../../harness/sim/spi/options.js";

const TEXT = readFileSync("docs/simulator.md", "utf8");
const ROWS = TEXT.split("\n").flatMap((line) => {
  const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
  return cells.length === 6 && !/^(-+|the device)$/.test(cells[1] ?? "") ? [cells.slice(1, 5)] : [];
});
const quoted = (text = "") => [...text.matchAll(/"([^"]+)"/g)].map(([, title = ""]) => title);

test("the tables are read", () => {
  expect(ROWS.length).toBeGreaterThan(60);
});

test.each(ROWS)("%s: the files and the tests are there", (_, files = "", shown = "") => {
  for (const [, file] of files.matchAll(/`([^`]+)`/g)) expect(existsSync(`harness/sim/${file}`)).toBe(true);
  const groups = [...shown.matchAll(/`([\w/-]+)`: ((?:"[^"]+"(?:, )?)+)/g)];
  expect(groups.flatMap(([, , titles]) => quoted(titles))).toEqual(quoted(shown));
  expect(groups.length).toBeGreaterThan(0);
  for (const [, name, titles] of groups) {
    const source = readFileSync(`test/sim/${name}.test.ts`, "utf8");
    for (const title of quoted(titles)) expect(source).toContain(`"${title}`);
  }
});

const KNOBS: readonly (readonly [knob: string, value: unknown])[] = [Quirks.parse({}), Ncp.parse({})].flatMap(
  (defaults) => Object.entries(defaults).filter(([, value]) => Array.isArray(value) || typeof value !== "object"),
);

test.each(KNOBS)("the knob %s is told, with its default", (knob, value) => {
  const cell = ROWS.map((row) => row[3] ?? "").find((text) => text.includes(`\`${knob}\`: `)) ?? "";
  const [, told] = cell.match(new RegExp(`\`${knob}\`: \`?([^\`;,:)]+?)\`?(?:[;,:) ]|$)`)) ?? [];
  expect(told).toBe(String(JSON.stringify(value)).replaceAll('"', ""));
});

test.each(Object.keys(Ncp.parse({}).otaChecks))("the check %s of an update is told", (check) => {
  expect(ROWS.some(([, , , why = ""]) => why.includes("`otaChecks`") && why.includes(`\`${check}\``))).toBe(true);
});
