import { execFileSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { builtFiles, importsOf, plainFiles } from "./support/package-files.js";

/** `npm run test:install` makes the package and judges it whole; here `dist` may hold what an earlier build left. */
test("npm packs the program with its types, rigs and documents, and nothing else", () => {
  const said = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [{ files }] = JSON.parse(said) as [{ files: readonly { path: string }[] }];
  const packed = files.map(({ path }) => path);
  expect(builtFiles().filter((file) => !packed.includes(file))).toEqual([]);
  const isCode = (file: string) =>
    /^dist\/((harness|reports|rigs|scenarios)\/.+\.(js|d\.ts)|(harness\/)?bundled\/.+(?<!\.v8))$/.test(file);
  expect(packed.filter((file) => !isCode(file)).sort()).toEqual(["dist/package.json", ...plainFiles()].sort());
  // A module that is in a bundle has no file of its own, and none asks for that.
  const imports = importsOf(builtFiles().filter((file) => /^dist\/(?!bundled\/y|bundled\/z).*\.c?js$/.test(file)));
  expect(imports.length).toBeGreaterThan(100);
  expect(imports.filter(([, imported]) => !packed.includes(imported))).toEqual([]);
});
