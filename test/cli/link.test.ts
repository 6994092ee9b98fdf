import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { inProcess as st67hil } from "../support/in-process.js";
import { scratch } from "../support/scratch.js";

const T01 = ["--profile", "t01", "--fw-version", "2.0.106"];
const T02 = ["--profile", "t02", "--fw-version", "2.0.106"];

test("an adapter that is too slow: exit 2, the rate is named, nothing was erased; with auto it is flashed all the same", async () => {
  using folder = scratch();
  const file = folder.file("m.img");
  const state = ["--set", `sim.state=${file}`];
  await st67hil(["flash", ...T01, ...state]);
  const before = readFileSync(file);
  const slow = ["--set", "sim.link.maxBaud=1000000"];
  const binding = await st67hil(["flash", ...T02, ...state, ...slow]);
  expect(binding.code).toBe(2);
  expect(binding.stderr).toContain("the link does not carry 2000000 Bd");
  expect(readFileSync(file).equals(before)).toBe(true);
  const auto = await st67hil(["flash", ...T02, ...state, ...slow, "--set", "serial.loadBaud=auto"]);
  expect(auto).toMatchObject({ code: 0, stdout: expect.stringContaining("the boot is unproven") });
  expect(auto.stderr).toContain("settled on 1000000 Bd");
  await expect(st67hil(["verify", ...T02, ...state])).resolves.toMatchObject({ code: 0 });
});

test.each([
  ["swapped", /advice/],
  ["open", /advice/],
])("TX and RX %s: exit 2, and they are named first", async (txRx) => {
  const { code, stdout } = await st67hil(["chip", "info", "--json", "--set", `sim.wiring.txRx=${txRx}`]);
  expect(code).toBe(2);
  const { error } = JSON.parse(stdout) as { error: { code: string; advice: string } };
  expect(error.code).toBe("NOT_IN_ROM");
  expect(error.advice).toMatch(/^[^.]*\. Check TX and RX first/);
});

test("TX and RX bridged: exit 2, and the host is told to hear itself", async () => {
  const { code, stdout } = await st67hil(["chip", "info", "--json", "--set", "sim.wiring.txRx=bridged"]);
  expect(code).toBe(2);
  const { error } = JSON.parse(stdout) as { error: object };
  expect(error).toMatchObject({
    code: "LINE_ECHOES",
    advice: expect.stringContaining("1. TX and RX touch each other"),
  });
});

test("a module that goes silent after T01: the second flash tells it, a whole-chip erase cures it", async () => {
  using folder = scratch();
  const rig = ["--set", `sim.state=${folder.file("m.img")}`, "--set", "sim.quirks.t01Reflash=true"];
  await expect(st67hil(["flash", ...T01, ...rig])).resolves.toMatchObject({ code: 0 });
  const before = readFileSync(folder.file("m.img"));
  const second = await st67hil(["flash", ...T01, ...rig]);
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/SET_PARA_SILENT \(module\).*erase --whole-chip/s);
  expect(readFileSync(folder.file("m.img")).equals(before)).toBe(true);
  const erase = await st67hil(["erase", "--whole-chip", ...rig]);
  expect(erase.code).toBe(0);
  expect(erase.stderr).toContain("set-para stays silent and boot info is answered");
  await expect(st67hil(["flash", ...T01, ...rig])).resolves.toMatchObject({ code: 0 });
});

test("--leave: what cannot be held is said", async () => {
  const { code, stderr } = await st67hil(["chip", "boot", "--leave", "rom"]);
  expect(code).toBe(0);
  expect(stderr).toContain("not left as rom: a simulated module ends with its process");
});
