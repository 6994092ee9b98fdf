import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { writeSyntheticPackage } from "../../harness/firmware/synthetic-package.js";
import { st67hil as asProcess } from "../support/cli.js";
import { inProcess as st67hil } from "../support/in-process.js";
import { Running } from "../support/running.js";
import { scratch } from "../support/scratch.js";
import { RIG_OVER, rigOver, SimProcess } from "../support/sim.js";

interface Told {
  readonly checks: readonly { id: string; status: string; found: string; expected: string; advice: string }[];
}

/** Statuses by id, and the whole of what was told. */
function told(stdout: string) {
  const { checks } = JSON.parse(stdout) as Told;
  return { checks, status: Object.fromEntries(checks.map(({ id, status }) => [id, status])) };
}

test("the simulated rig: 25 checks, none applies; --active adds two that pass", async () => {
  const quiet = await st67hil(["doctor", "--json"]);
  expect(quiet).toMatchObject({ code: 0, stderr: "" });
  const { checks } = told(quiet.stdout);
  expect(checks.map(({ status }) => status)).toEqual(new Array(25).fill("not-applicable"));
  for (const check of checks)
    expect(Object.keys(check).sort()).toEqual(["advice", "expected", "found", "id", "status"]);
  const active = await st67hil(["doctor", "--active", "--json"]);
  expect(active.code).toBe(0);
  expect(told(active.stdout).checks.slice(25)).toMatchObject([
    { id: "handshake", status: "passed" },
    { id: "boot-info", status: "passed", found: "module 40827b037742, ROM version 2, locked" },
  ]);
});

describe("--active on a rig that is not right: the check says what, exit 2", () => {
  test.each([
    ["sim.wiring.boot=open", "handshake", "NOT_IN_ROM"],
    ["module.chipId=001122334455", "boot-info", "WRONG_MODULE"],
  ])("%s", async (set, id, code) => {
    const ended = await st67hil(["doctor", "--active", "--json", "--set", set]);
    expect(ended.code).toBe(2);
    const check = told(ended.stdout).checks.find((each) => each.id === id);
    expect(check).toMatchObject({ status: "failed", found: expect.stringMatching(new RegExp(`^${code}: `)) });
    expect(check?.advice).not.toBe("");
  });
});

test("a machine without that port: told, with what to do, exit 2; no colour and no trace", async () => {
  using folder = scratch();
  const rig = folder.file("rig.yaml");
  writeFileSync(rig, "name: desk\nstraps: { driver: manual }\nserial: { path: /dev/ttyNONE }\n");
  const { code, stdout, stderr } = await st67hil(["doctor", "--rig", rig]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
  expect(stdout).toContain("✗ port-identity         /dev/ttyNONE is not there");
  expect(stdout).toMatch(/✗ port-identity: expected a serial port.*\n {2}List what is plugged in/);
  expect(stdout).toMatch(/\ndesk: 1 passed, 0 warned, 1 failed\n$/);
  expect(stdout.includes("\u001b")).toBe(false);
  const active = await st67hil(["doctor", "--rig", rig, "--active", "--json"]);
  expect(active.code).toBe(2);
  expect(told(active.stdout).status).toMatchObject({ handshake: "failed", "boot-info": "not-applicable" });
});

test("a rig file with a mistake is no check: one error, as of every command", async () => {
  const { code, stdout } = await st67hil(["doctor", "--json", "--set", "serial.path=1", "--set", "name=a/b"]);
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "RIG_INVALID" } });
});

/** Sends one order to the control socket. */
const order = (path: string, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write(`${text}\n`));
    socket.on("data", (answer) => {
      socket.destroy();
      resolve(String(answer).trim());
    });
    socket.on("error", reject);
  });

test("over a real port: rates read back without a line moved; --active talks, and leaves the module off", async () => {
  using folder = scratch();
  await using _ = await SimProcess.start(folder);
  const rig = rigOver(folder);
  await order(folder.file("lines"), "boot 1");
  const passive = await st67hil(["doctor", "--rig", rig, "--json"]);
  expect(passive.code).toBe(0);
  expect(told(passive.stdout).status).toMatchObject({ "port-identity": "passed", "actual-baud": "passed" });
  expect(await order(folder.file("lines"), "?")).toBe("boot 1 en 1 power 1");
  const active = await st67hil(["doctor", "--rig", rig, "--active", "--json"]);
  expect(active.code).toBe(0);
  expect(told(active.stdout).status).toMatchObject({ handshake: "passed", "boot-info": "passed" });
  expect(await order(folder.file("lines"), "?")).toBe("boot 0 en 0 power 1");
});

test("rig safe: the lines alone, at the levels of the rig file", async () => {
  using folder = scratch();
  await using _ = await SimProcess.start(folder);
  const rig = rigOver(folder);
  symlinkSync("/dev/ttyNONE", folder.file("gone"));
  const noPort = ["--rig", rig, "--set", `serial.path=${folder.file("gone")}`];
  await order(folder.file("lines"), "boot 1");
  const safe = await st67hil(["rig", "safe", ...noPort]);
  expect(safe).toMatchObject({ code: 0, stdout: `${RIG_OVER}: BOOT released, CHIP_EN released\n` });
  expect(await order(folder.file("lines"), "?")).toBe("boot 0 en 0 power 1");
  await st67hil(["rig", "safe", ...noPort, "--set", "safeState.chipEn=asserted"]);
  expect(await order(folder.file("lines"), "?")).toBe("boot 0 en 1 power 1");
  const sim = await st67hil(["rig", "safe"]);
  expect(sim).toMatchObject({ code: 2, stderr: expect.stringContaining("end with their process") });
});

test("a rig that another command drives: the port stays closed, and the pid is told", async () => {
  using folder = scratch();
  await using _ = await SimProcess.start(folder);
  const rig = rigOver(folder);
  await using driving = new Running(["chip", "boot", "--rig", rig, "--set", "timing.resetMs=60000"]);
  await driving.until(async () => (await order(folder.file("lines"), "?")) === "boot 0 en 0 power 1");
  const { code, stdout } = await st67hil(["doctor", "--rig", rig, "--json"]);
  const { checks, status } = told(stdout);
  expect({ code, rate: status["actual-baud"] }).toEqual({ code: 2, rate: "not-applicable" });
  expect(checks.find(({ id }) => id === "port-in-use")).toMatchObject({
    status: "failed",
    found: `in use by another st67-hil (pid ${driving.pid})`,
  });
  driving.signal("SIGTERM");
  expect(await driving.ended()).toBe(143);
});

test("run looks first: what is unfit breaks its case, with a report, and the module is not touched", async () => {
  using folder = scratch();
  await using _ = await SimProcess.start(folder);
  const rig = folder.file("unfit.yaml");
  const straps = `straps: { driver: socket, path: ${folder.file("lines")} }`;
  writeFileSync(rig, `name: unfit\n${straps}\nserial: { path: ${folder.file("gone")} }\n`);
  const firmware = writeSyntheticPackage(join("out", "firmware"));
  const ended = await asProcess(["run", "identify", "--rig", rig, "--firmware", firmware, "--out", folder.file("run")]);
  expect(ended.code).toBe(2);
  expect(ended.stdout).toContain("RIG_UNFIT: unfit: port-identity: expected a serial port; found");
  expect(readFileSync(folder.file("run/junit.xml"), "utf8")).toContain('errors="1"');
});
