import { realpathSync, symlinkSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { Host } from "../../harness/doctor/host.js";
import { scratch } from "../support/scratch.js";
import { FakeMachine } from "./trees.js";

test("links stay below the root, absolute ones too; circles and gaps lead nowhere", () => {
  using machine = new FakeMachine({
    "/a/file": "text\n",
    "/b/near": "->../a/file",
    "/b/far": "->/a/file",
    "/b/chain": "->near",
    "/b/out": "->../../../../../../etc/hostname",
    "/c/one": "->two",
    "/c/two": "->one",
    "/c/gap": "->/nothing",
  });
  const { host } = machine;
  expect(["/b/near", "/b/far", "/b/chain", "/b/./near"].map((path) => host.real(path))).toEqual(
    new Array(4).fill("/a/file"),
  );
  expect(host.text("/b/chain")).toBe("text");
  expect(["/b/out", "/c/one", "/c/gap", "/a/file/x"].map((path) => host.real(path))).toEqual(
    new Array(4).fill(undefined),
  );
  expect([host.text("/c/one"), host.names("/nothing"), host.exists("/c/gap")]).toEqual([undefined, [], false]);
});

test("on this machine it is what the system says", () => {
  using folder = scratch();
  symlinkSync("/proc/self/../version", folder.file("link"));
  const host = new Host();
  expect(host.real(folder.file("link"))).toBe(realpathSync("/proc/version"));
  expect(host.text(folder.file("link"))).toMatch(/^Linux/);
});

test("numbers are whole and plain", () => {
  using machine = new FakeMachine({ "/n": "512\n", "/x": "0x20", "/e": "", "/m": "-1" });
  expect(["/n", "/x", "/e", "/m", "/gone"].map((path) => machine.host.number(path))).toEqual([
    512,
    ...new Array(4).fill(undefined),
  ]);
});
