import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { expect, test } from "@jest/globals";
import { showOnDesktop } from "../../harness/cli/terminal/desktop.js";
import { scratch } from "../support/scratch.js";

test.each([
  ["without a desktop", {}],
  ["with an empty one", { DISPLAY: "", WAYLAND_DISPLAY: "" }],
  ["on a CI server that has one", { CI: "true", DISPLAY: ":0" }],
])("%s nothing is shown", (_, environment) => {
  expect(showOnDesktop("report.html", { ...environment, PATH: "" })).toBe(false);
});

test("the desktop's own program is given the whole path, as one argument and to no shell", async () => {
  using folder = scratch();
  const told = folder.file("told");
  writeFileSync(
    folder.file("xdg-open"),
    `#!/bin/sh\nprintf '%s|' "$#" "$1" > "${told}.new"; mv "${told}.new" "${told}"\n`,
  );
  chmodSync(folder.file("xdg-open"), 0o755);
  const environment = { WAYLAND_DISPLAY: "wayland-0", PATH: [folder.path, process.env["PATH"]].join(delimiter) };
  const page = folder.file("$(touch oops); report.html");
  expect(showOnDesktop(page, environment)).toBe(true);
  while (!existsSync(told)) await new Promise(setImmediate);
  expect(readFileSync(told, "utf8")).toBe(`1|${page}|`);
});
