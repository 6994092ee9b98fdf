import { realpathSync, symlinkSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "@jest/globals";
import { Host } from "../../harness/doctor/host.js";
import { scratch } from "../support/scratch.js";
import { workingIn } from "../support/working-in.js";
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

test("on this machine a relative path begins in the current folder; elsewhere at the root", () => {
  using folder = scratch();
  using _ = workingIn(folder.path);
  symlinkSync("/dev/null", "ncp");
  symlinkSync("/proc/self", "deep");
  const host = new Host();
  const device = ["ncp", "./ncp", `../${basename(folder.path)}/ncp`];
  expect(device.map((path) => host.real(path))).toEqual(device.map(() => "/dev/null"));
  expect(device.map((path) => [host.exists(path), host.mayUse(path)])).toEqual(device.map(() => [true, true]));
  expect([host.exists("deep/../version"), host.real("deep/../version")]).toEqual([true, "/proc/version"]);
  expect([host.exists("gone"), host.real("gone")]).toEqual([false, undefined]);
  using machine = new FakeMachine({ "/ncp": "text\n" });
  expect([machine.host.text("ncp"), machine.host.real("./ncp")]).toEqual(["text", "/ncp"]);
});

test("numbers are whole and plain", () => {
  using machine = new FakeMachine({ "/n": "512\n", "/x": "0x20", "/e": "", "/m": "-1" });
  expect(["/n", "/x", "/e", "/m", "/gone"].map((path) => machine.host.number(path))).toEqual([
    512,
    ...new Array(4).fill(undefined),
  ]);
});
