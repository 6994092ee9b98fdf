import { linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { refuseCollisions } from "../../harness/base/collisions.js";
import { scratch } from "../support/scratch.js";

/** `file`, links of both kinds to it, a link to the folder, a folder `in`, a link to nothing. */
function places() {
  const folder = scratch();
  writeFileSync(folder.file("file"), "");
  linkSync(folder.file("file"), folder.file("hard"));
  symlinkSync("file", folder.file("soft"));
  symlinkSync(".", folder.file("here"));
  mkdirSync(folder.file("in"));
  symlinkSync("none", folder.file("dangling"));
  return folder;
}

const named = (name: string, path: string) => [{ name, path }];

test.each([
  ["file", "file"],
  ["file", "in/../file"],
  ["hard", "file"],
  ["soft", "hard"],
  ["here/file", "file"],
  ["here/new", "new"],
  ["dangling", "none"],
  ["dangling", "dangling"],
  ["in", "in"],
])("%s is %s: refused as an output and an input, and as two outputs", (one, other) => {
  using folder = places();
  const [a, b] = [named("--out", folder.file(one)), named("sim.state", folder.file(other))];
  const refused = (what: string) => expect.objectContaining({ code: "USAGE", message: expect.stringContaining(what) });
  expect(() => refuseCollisions(a, b)).toThrow(refused(`--out ${folder.file(one)}: is also sim.state, which is read`));
  expect(() => refuseCollisions([...a, ...b], [])).toThrow(refused("is also sim.state"));
});

test("within a folder that is read: refused, also where nothing is yet, and by way of a link", () => {
  using folder = places();
  for (const path of ["in/x", "here/in/x"]) {
    expect(() => refuseCollisions(named("--junit", folder.file(path)), named("--firmware", folder.file("in")))).toThrow(
      expect.objectContaining({ message: expect.stringContaining("lies in the folder of --firmware") }),
    );
  }
});

test("what is apart is let pass: neighbours, a folder around, what is not given, a device for two", () => {
  using folder = places();
  const at = (name: string) => ({ name, path: folder.file(name) });
  refuseCollisions([at("new"), at("in2")], [at("file"), at("in"), { name: "--x", path: undefined }]);
  refuseCollisions([{ name: "--out", path: folder.path }], [at("in"), at("file")]);
  refuseCollisions([...named("--out", "/dev/null"), ...named("--junit", "/dev/null")], []);
  expect(() => refuseCollisions(named("--out", "/dev/null"), named("serial.path", "/dev/null"))).toThrow("is also");
});
