import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { st67hil } from "../support/cli.js";
import { scratch } from "../support/scratch.js";

const T02 = ["--profile", "t02", "--fw-version", "2.0.106"];
const ALL = ", count: 100000";

const damaged = (command: string, more = ""): string[] => [
  "--set",
  `sim.faults=[{at: {command: ${command}}, do: flip${more}}]`,
];

test("damaged answers count against the line: verify, read, and a flash that is read back", async () => {
  using folder = scratch();
  const state = ["--set", `sim.state=${folder.file("m.img")}`];
  expect(await st67hil(["flash", ...T02, ...state])).toMatchObject({ code: 0 });

  const verify = ["verify", ...T02, ...state];
  expect(await st67hil([...verify, ...damaged("flashXipReadSha")])).toMatchObject({ code: 0 });
  const wrong = await st67hil([...verify, ...damaged("flashXipReadSha", ALL)]);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("(link)") });

  const out = folder.file("dump.bin");
  const read = ["read", "--length", "0x1000", "--out", out, "--json", ...state];
  const refused = await st67hil([...read, ...damaged("flashRead", ALL)]);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("(link)") });
  expect(existsSync(out)).toBe(false);
  const dumped = await st67hil([...read, ...damaged("flashRead")]);
  expect(JSON.parse(dumped.stdout)).toMatchObject({ proven: true });
  const flash = readFileSync(folder.file("m.img"));
  expect(flash.includes(readFileSync(out))).toBe(true);

  const readBack = await st67hil(["flash", ...T02, ...state, "--verify", "read", ...damaged("flashRead", ALL)]);
  expect(readBack).toMatchObject({ code: 2, stderr: expect.stringContaining("(link)") });
});

test("a damaged character of the banner is not the firmware's", async () => {
  const once = await st67hil(["chip", "boot", "--set", "sim.faults=[{at: {byte: 70, dir: module}, do: flip}]"]);
  expect(once).toMatchObject({ code: 0, stdout: expect.stringMatching(/^boots in \d+ ms: 2\.0\.75, of a profile/m) });
  expect(once.stderr).toContain("booted once more");
});

test("a CHIP_EN that is off is the rig's, also where SPI_RDY alone is watched", async () => {
  const off = ["--set", "bootProof=[ready]", "--set", "sim.wiring.chipEn=open"];
  const { code, stderr } = await st67hil(["chip", "boot", ...off]);
  expect(code).toBe(2);
  expect(stderr).toContain("NOT_IN_ROM (rig)");
});

test("flash --json tells which rungs were climbed, and what was noted", async () => {
  const fault = ["--set", "sim.faults=[{at: {command: flashSetPara}, do: drop}]"];
  const climbed = await st67hil(["flash", ...T02, "--json", ...fault]);
  expect(JSON.parse(climbed.stdout)).toMatchObject({
    rungs: [{ rung: 1, what: "ask again once", ok: true }],
    recovered: { state: "ok after retry", rung: 1 },
    notes: [],
  });
  const noted = await st67hil(["flash", ...T02, "--json", ...damaged("flashRead"), "--verify", "read"]);
  const calm: unknown = JSON.parse(noted.stdout);
  expect(calm).toMatchObject({ rungs: [], notes: [] });
  expect(calm).not.toHaveProperty("recovered");
});
