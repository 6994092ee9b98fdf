import { expect, test } from "@jest/globals";
import { inProcess } from "../support/in-process.js";

test.each([
  [["AT", "at + restore"], "AT_FORBIDDEN"],
  [["AT+GMR;+EFUSE-CFM"], "AT_FORBIDDEN"],
  [["GMR"], "USAGE"],
  [["AT\nAT+GMR"], "USAGE"],
])("chip at %j is refused, whole, before the rig is looked at", async (commands, code) => {
  const { code: exitCode, stderr, stdout } = await inProcess(["chip", "at", "--rig", "nowhere.yaml", ...commands]);
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 2, stdout: "", stderr: expect.stringContaining(code) });
});

test("chip at --json wants its commands as arguments", async () => {
  const { code, stdout } = await inProcess(["chip", "at", "--json"]);
  expect([code, JSON.parse(stdout).error.code]).toEqual([2, "USAGE"]);
});

test("chip at starts the firmware anew; with --no-reset it does not, and a module that is off hears nothing", async () => {
  const asked = (...more: string[]) => inProcess(["chip", "at", "AT+GMR", ...more]);
  expect(await asked()).toEqual({ code: 0, stdout: expect.stringContaining("component_version_sdk_"), stderr: "" });
  expect(await asked("--no-reset")).toMatchObject({ code: 1, stderr: expect.stringContaining("NCP_NOT_READY") });
});
