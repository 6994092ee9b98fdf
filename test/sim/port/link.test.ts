import {
  chmodSync,
  closeSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { expect, test } from "@jest/globals";
import { openPty } from "../../../harness/native/pty.js";
import { placeLink } from "../../../harness/sim/port/link.js";
import { scratch } from "../../support/scratch.js";

function pty(): { readonly path: string } & Disposable {
  const { master, slave, path } = openPty();
  return {
    path,
    [Symbol.dispose]: () => {
      closeSync(slave);
      closeSync(master);
    },
  };
}

const thereIs = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

test("a link is made, and removed again", () => {
  using folder = scratch();
  using port = pty();
  const link = folder.file("module");
  const remove = placeLink(link, port.path);
  expect(readlinkSync(link)).toBe(port.path);
  remove();
  expect(thereIs(link)).toBe(false);
  remove();
});

test("a link to nothing is replaced", () => {
  using folder = scratch();
  const link = folder.file("module");
  symlinkSync(folder.file("gone"), link);
  placeLink(link, "/dev/pts/new");
  expect(readlinkSync(link)).toBe("/dev/pts/new");
});

test("a link to a live pseudo-terminal is refused, and stays", () => {
  using folder = scratch();
  using port = pty();
  const link = folder.file("module");
  symlinkSync(port.path, link);
  expect(() => placeLink(link, "/dev/pts/new")).toThrow(expect.objectContaining({ code: "FILE_UNWRITABLE" }));
  expect(readlinkSync(link)).toBe(port.path);
});

test("a link whose pseudo-terminal has gone, and whose number another one has got, is replaced", () => {
  using folder = scratch();
  using port = pty();
  const link = folder.file("module");
  symlinkSync(port.path, link);
  // The same as a device that was made after the link: the kernel's time is a few milliseconds coarse.
  while (statSync(port.path).ctimeMs <= lstatSync(link).ctimeMs) chmodSync(port.path, 0o620);
  placeLink(link, "/dev/pts/new");
  expect(readlinkSync(link)).toBe("/dev/pts/new");
});

test.each(["a file", "a link to a file"])("%s is refused, and stays", (what) => {
  using folder = scratch();
  const file = folder.file("notes");
  writeFileSync(file, "keep me");
  const link = what === "a file" ? file : folder.file("module");
  if (link !== file) symlinkSync(file, link);
  expect(() => placeLink(link, "/dev/pts/new")).toThrow(expect.objectContaining({ code: "FILE_UNWRITABLE" }));
  expect(readFileSync(link, "utf8")).toBe("keep me");
});

test("a folder that is not there is told; another one's link is not removed", () => {
  using folder = scratch();
  expect(() => placeLink(folder.file("no/module"), "/dev/pts/new")).toThrow(
    expect.objectContaining({ code: "FILE_UNWRITABLE" }),
  );
  const link = folder.file("module");
  const remove = placeLink(link, "/dev/pts/new");
  unlinkSync(link);
  symlinkSync("/dev/pts/other", link);
  remove();
  expect(readlinkSync(link)).toBe("/dev/pts/other");
});
