import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { type UnitsOf, unitsFor } from "../../harness/doctor/units.js";
import { scratch } from "../support/scratch.js";

const WANTED: UnitsOf = {
  rig: "pi4 bench, 100 %",
  program: [process.execPath, "/opt/st67 hil/main.js"],
  choice: ["--rig", "/home/pi/rigs/pi4.yaml", "--set", 'serial.path="/dev/$X"'],
  run: ["--firmware", "/srv/100%/NCP"],
  user: "root",
  groups: ["gpio", "dialout"],
  folder: "/",
  work: { at: "03:30" },
  safe: true,
};

test("names, order, and arguments that systemd does not expand", () => {
  const units = unitsFor(WANTED);
  expect(units.map(({ name }) => name)).toEqual([
    "st67-hil-safe-pi4-bench-100--f6540313.service",
    "st67-hil-nightly-pi4-bench-100--f6540313.service",
    "st67-hil-nightly-pi4-bench-100--f6540313.timer",
  ]);
  const [safe, nightly, timer] = units.map(({ text }) => text);
  const program = `${process.execPath} "/opt/st67 hil/main.js"`;
  const choice = `--rig /home/pi/rigs/pi4.yaml --set "serial.path=\\"/dev/$$X\\""`;
  expect(safe).toContain(`ExecStart=${program} rig safe ${choice}\n`);
  expect(nightly).toContain(`ExecStart=${program} run --suite nightly --wait ${choice} --firmware /srv/100%%/NCP\n`);
  expect(nightly).toContain("After=st67-hil-safe-pi4-bench-100--f6540313.service\n");
  expect(timer).toContain("OnCalendar=*-*-* 03:30:00\n");
});

test("a user and groups in every service; a control character is written as systemd reads it", () => {
  const nasty = { ...WANTED, rig: "a\u202eb", choice: ["--rig", "/x/\x1b\n\x85.yaml"] };
  const services = unitsFor(nasty).filter(({ name }) => name.endsWith(".service"));
  expect(services).toHaveLength(2);
  for (const { text } of services) {
    expect(text).toContain("\nUser=root\nSupplementaryGroups=gpio dialout\nWorkingDirectory=/\n");
    expect(text).toContain('--rig "/x/\\u001b\\u000a\\u0085.yaml"');
    expect(text).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
  }
  const [alone] = unitsFor({ ...WANTED, groups: [] });
  expect(alone?.text).not.toContain("SupplementaryGroups");
});

test("lines that end with their process have no safe state at boot", () => {
  expect(unitsFor({ ...WANTED, safe: false }).map(({ name }) => name)).toEqual([
    "st67-hil-nightly-pi4-bench-100--f6540313.service",
    "st67-hil-nightly-pi4-bench-100--f6540313.timer",
  ]);
});

const FARM: UnitsOf = { ...WANTED, work: { redisFile: "/etc/st67 hil/100%.env" } };

test("an agent of a farm in place of the night: it starts by itself, again and again, and no unit holds a URL", () => {
  const [safe, farm, ...more] = unitsFor(FARM);
  expect([safe?.name, farm?.name, more]).toEqual([
    "st67-hil-safe-pi4-bench-100--f6540313.service",
    "st67-hil-farm-pi4-bench-100--f6540313.service",
    [],
  ]);
  expect(safe).toEqual(unitsFor(WANTED)[0]);
  const program = `${process.execPath} "/opt/st67 hil/main.js"`;
  const choice = `--rig /home/pi/rigs/pi4.yaml --set "serial.path=\\"/dev/$$X\\""`;
  for (const line of [
    "Wants=network-online.target",
    "After=network-online.target st67-hil-safe-pi4-bench-100--f6540313.service",
    "Type=simple",
    "User=root",
    "EnvironmentFile=/etc/st67 hil/100%%.env",
    `ExecStart=${program} farm work ${choice} --firmware /srv/100%%/NCP`,
    "Restart=always",
    "RestartSec=10",
    // The watchdog, which makes the lines safe, outlives an agent that was killed.
    "KillMode=process",
    "TimeoutStopSec=60",
    "WantedBy=multi-user.target",
  ])
    expect(farm?.text.split("\n")).toContain(line);
  expect(farm?.text).not.toMatch(/redis:/);
  expect(unitsFor({ ...FARM, safe: false })[0]?.text).toContain("\nAfter=network-online.target\n");
});

/** Not everywhere. */
const ANALYZE = "systemd-analyze";
const hasSystemd = spawnSync(ANALYZE, ["--version"]).status === 0;
const ifSystemd = hasSystemd ? test : test.skip;

ifSystemd.each([
  ["a night", WANTED],
  ["an agent of a farm", FARM],
])("systemd has nothing to say against the units of %s", (_, wanted) => {
  using folder = scratch();
  const files = unitsFor(wanted).map(({ name, text }) => {
    writeFileSync(folder.file(name), text);
    return folder.file(name);
  });
  const { status, stderr } = spawnSync(ANALYZE, ["verify", "--man=no", ...files], { encoding: "utf8" });
  expect({ status, said: stderr.split("\n").filter((line) => line.includes("st67-hil")) }).toEqual({
    status: 0,
    said: [],
  });
});
