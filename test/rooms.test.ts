import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "@jest/globals";

/** A room may import itself and what is listed here; the order is from the ground up. `cli` alone puts all together. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  "harness/base": [],
  "harness/native": ["harness/base"],
  "harness/protocol": ["harness/base"],
  "harness/stats": ["harness/base"],
  "harness/stress": ["harness/base", "harness/stats"],
  "harness/ab": ["harness/base", "harness/stats"],
  "harness/firmware": ["harness/base", "harness/native"],
  "harness/trace": ["harness/base", "harness/protocol"],
  "harness/session": ["harness/base", "harness/protocol"],
  "harness/flash": [
    "harness/base",
    "harness/native",
    "harness/protocol",
    "harness/firmware",
    "harness/session",
    "harness/ncp",
  ],
  "harness/ncp": ["harness/base", "harness/protocol", "harness/firmware"],
  "harness/recover": [
    "harness/base",
    "harness/protocol",
    "harness/firmware",
    "harness/session",
    "harness/flash",
    "harness/ncp",
  ],
  "harness/sim": ["harness/base", "harness/native", "harness/protocol", "harness/firmware", "harness/trace"],
  "harness/brick": [
    "harness/base",
    "harness/protocol",
    "harness/firmware",
    "harness/session",
    "harness/flash",
    "harness/recover",
  ],
  "harness/run": [
    "harness/base",
    "harness/firmware",
    "harness/stats",
    "harness/trace",
    "harness/session",
    "harness/flash",
    "harness/recover",
    "harness/ncp",
    "harness/brick",
    "harness/diagnose",
  ],
  "harness/diagnose": ["harness/base", "harness/protocol", "harness/trace"],
  "harness/doctor": ["harness/base", "harness/native", "harness/session", "rigs"],
  "harness/farm": [
    "harness/base",
    "harness/native",
    "harness/firmware",
    "harness/run",
    "rigs",
    "harness/doctor",
    "harness/history",
  ],
  rigs: ["harness/base", "harness/native", "harness/sim"],
  scenarios: ["harness/base", "harness/firmware", "harness/run"],
  reports: ["harness/base", "harness/stats", "harness/trace", "harness/stress", "harness/ab"],
  "harness/history": ["harness/base", "harness/stats", "reports"],
};

const sourcesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name));

const roomOf = (file: string): string | undefined =>
  Object.keys(MAY_IMPORT).find((room) => file.startsWith(`${room}/`));

const sources = Object.keys(MAY_IMPORT).flatMap(sourcesUnder);

test.each(sources)("%s imports only what its room may", (file) => {
  const room = roomOf(file) ?? "";
  const text = readFileSync(file, "utf8");
  const imported = [...text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map(([, path = ""]) =>
    normalize(join(dirname(file), path)),
  );
  const foreign = imported.filter(
    (path) => ![room, ...(MAY_IMPORT[room] ?? [])].some((allowed) => path.startsWith(`${allowed}/`)),
  );
  expect(foreign).toEqual([]);
});

test("every folder of harness but cli is a room of the table", () => {
  const folders = readdirSync("harness").map((name) => `harness/${name}`);
  expect(folders.filter((folder) => folder !== "harness/cli" && !(folder in MAY_IMPORT))).toEqual([]);
});

/** The source that `path`, as it is imported, is made of. */
const sourceAt = (path: string): string =>
  [".ts", ".tsx"].map((end) => path.replace(/\.js$/, end)).find((file) => existsSync(file)) ?? path;

test("no file imports itself by way of others", () => {
  const all = [...sources, ...sourcesUnder("harness/cli")];
  const imports = new Map(
    all.map((file) => {
      const found = readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g);
      return [file, [...found].map(([, path = ""]) => sourceAt(normalize(join(dirname(file), path))))];
    }),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" -> "));
    if (way.includes(file) || done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of all) visit(file, []);
  expect(circles).toEqual([]);
});

test("time comes from the clocks alone", () => {
  const clocks = ["harness/base/time.ts", "harness/sim/time/clock.ts"];
  const all = [...sources, ...sourcesUnder("harness/cli")].filter((file) => !clocks.includes(file));
  const offenders = all.filter((file) =>
    /\b(setTimeout|setInterval)\(|\bDate\.now\(|AbortSignal\.timeout\(/.test(readFileSync(file, "utf8")),
  );
  expect(offenders).toEqual([]);
});
