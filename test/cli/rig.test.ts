import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { describe, expect, test } from "@jest/globals";
import { loadRig } from "../../rigs/file/load.js";
import { testAsRoot, WITHOUT_ROOT } from "../support/as-root.js";
import { st67hil as asProcess } from "../support/cli.js";
import { inProcess as st67hil } from "../support/in-process.js";
import { onTerminal } from "../support/on-terminal.js";
import { scratch } from "../support/scratch.js";

const PI = ["--name", "pi4", "--driver", "onoff", "--port", "/dev/ttyAMA0", "--boot-bcm", "17", "--chip-en-bcm", "27"];

describe("rig new", () => {
  test("writes a file that loads, and never over another one", async () => {
    using folder = scratch();
    const file = folder.file("pi4.yaml");
    await expect(st67hil(["rig", "new", file, ...PI])).resolves.toMatchObject({
      code: 0,
      stdout: `${file} is written; next: st67-hil doctor --rig ${file}\n`,
    });
    expect(loadRig(file)).toMatchObject({ name: "pi4", straps: { boot: { bcm: 17 }, chipEn: { bcm: 27 } } });
    const before = readFileSync(file, "utf8");
    const again = await st67hil(["rig", "new", file, ...PI]);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringMatching(/FILE_UNWRITABLE.*never overwritten/) });
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  test("a relative port is meant from where the user stands, whatever folder the file goes to", async () => {
    using folder = scratch();
    mkdirSync(folder.file("benches"));
    const args = ["--name", "desk", "--driver", "manual", "--port", "./ncp"];
    expect(await st67hil(["rig", "new", "benches/desk.yaml", ...args], { cwd: folder.path })).toMatchObject({
      code: 0,
    });
    expect(loadRig(folder.file("benches/desk.yaml")).serial.path).toBe(folder.file("ncp"));
  });

  test("a port that is not on this machine is told, and the file is written all the same", async () => {
    using folder = scratch();
    const args = ["--name", "desk", "--driver", "manual", "--port"];
    const absent = await st67hil(["rig", "new", "a.yaml", ...args, "/dev/ttyUSB77"], { cwd: folder.path });
    expect(absent).toMatchObject({ code: 0, stderr: expect.stringContaining("warning: /dev/ttyUSB77 is not there; ") });
    const json = await st67hil(["rig", "new", "b.yaml", "--json", ...args, "./gone"], { cwd: folder.path });
    expect(JSON.parse(json.stdout)).toMatchObject({
      rig: "desk",
      warnings: [expect.stringContaining("/gone is not there")],
    });
    expect(readdirSync(folder.path)).toEqual(["a.yaml", "b.yaml"]);
  });

  test.each([
    ["Ctrl-D", "\x04", "the input ended"],
    ["Ctrl-C", "\x03", "interrupted by SIGINT"],
  ])("%s at a question: exit 130, and it is told that nothing was written", async (_, key, told) => {
    using folder = scratch();
    const { code, shown } = await onTerminal(["rig", "new", "new.yaml"], folder.path, { at: "bench-1]: ", key });
    expect({ code, files: readdirSync(folder.path) }).toEqual({ code: 130, files: [] });
    expect(shown).toContain(`\r\nerror ABORTED (operator): ${told}`);
    expect(shown).toContain("Nothing was written: there is no new.yaml.");
  });

  test.each([
    [[], "--name, --driver missing"],
    [["--name", "x", "--driver", "modem"], "--port missing"],
    [["--name", "x", "--driver", "onoff", "--port", "/dev/ttyAMA0"], "--boot-bcm, --chip-en-bcm missing"],
    [[...PI, "--spi", "/dev/spidev0.0"], "--spi goes with --ready-bcm: the module's SPI needs CS and SPI_RDY"],
    [
      ["--name", "x", "--driver", "gpio"],
      '--driver: expected one of onoff, chardev, modem, manual, none, socket, sim, got "gpio"',
    ],
    [[...PI, "--power-bcm", "17"], "--power-bcm: --boot-bcm has that line already"],
  ])("%p, without a terminal: refused, and nothing is written", async (args, told) => {
    using folder = scratch();
    const { code, stderr } = await st67hil(["rig", "new", folder.file("new.yaml"), ...args]);
    expect({ code, told: stderr.includes(told) }).toEqual({ code: 2, told: true });
    expect(readdirSync(folder.path)).toEqual([]);
  });
});

describe("rig install-units", () => {
  const { username } = userInfo();

  test("--print writes nothing; without it the units are in the folder, with whole paths", async () => {
    using folder = scratch();
    const spi = ["--ready-bcm", "23", "--spi", "/dev/spidev0.0", "--cs-bcm", "8"];
    await st67hil(["rig", "new", folder.file("pi4.yaml"), ...PI, ...spi]);
    mkdirSync(folder.file("NCP"));
    mkdirSync(folder.file("units"));
    const args = [
      "rig",
      "install-units",
      "--rig",
      "./pi4.yaml",
      "--firmware",
      "NCP",
      "--into",
      "units",
      "--user",
      username,
    ];
    const printed = await st67hil([...args, "--print"], { cwd: folder.path });
    expect(printed.code).toBe(0);
    expect(readdirSync(folder.file("units"))).toEqual([]);
    const written = await st67hil(args, { cwd: folder.path });
    expect(written.stdout).toContain("systemctl enable --now st67-hil-safe-pi4.service st67-hil-nightly-pi4.timer");
    const units = readdirSync(folder.file("units"));
    expect(units).toEqual(["st67-hil-nightly-pi4.service", "st67-hil-nightly-pi4.timer", "st67-hil-safe-pi4.service"]);
    const nightly = readFileSync(folder.file("units/st67-hil-nightly-pi4.service"), "utf8");
    expect(nightly).toContain(`--rig ${folder.file("pi4.yaml")} --firmware ${folder.file("NCP")}\n`);
    expect(nightly).toContain(`User=${username}\nSupplementaryGroups=gpio dialout spi\n`);
    const named = await st67hil(["rig", "install-units", "--rig", "pi4", ...args.slice(4), "--print"], {
      cwd: folder.path,
    });
    expect(named.stdout).toBe(printed.stdout);
    for (const unit of units) expect(printed.stdout).toContain(readFileSync(folder.file(`units/${unit}`), "utf8"));
  });

  test("--farm: an agent in place of the night, whose Redis stands in a file; what was there before is told", async () => {
    using folder = scratch();
    writeFileSync(folder.file("nightly.yaml"), "name: nightly\nstraps: { driver: none }\nserial: { path: /dev/x }\n");
    mkdirSync(folder.file("units"));
    writeFileSync(folder.file("units/st67-hil-nightly-nightly.timer"), "");
    const args = ["--rig", "nightly.yaml", "--farm", "--into", "units", "--user", username];
    const ended = await st67hil(["rig", "install-units", ...args], { cwd: folder.path });
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain("systemctl enable --now st67-hil-farm-nightly.service\n");
    expect(ended.stderr).toContain("/etc/st67-hil/farm.env is to hold ST67_HIL_REDIS=URL: root's, and of mode 600\n");
    expect(ended.stderr).toContain("sudo systemctl disable --now st67-hil-nightly-nightly.timer\n");
    const unit = readFileSync(folder.file("units/st67-hil-farm-nightly.service"), "utf8");
    expect(unit).toContain("\nEnvironmentFile=/etc/st67-hil/farm.env\n");
    expect(unit).toContain(` farm work --rig ${folder.file("nightly.yaml")}\n`);
    const more = ["--redis-file", "my.env", "--firmware", ".", "--set", "name=b", "--print"];
    const { stdout } = await st67hil(["rig", "install-units", ...args, ...more], { cwd: folder.path });
    expect(stdout).toContain(`\nEnvironmentFile=${folder.file("my.env")}\n`);
    expect(stdout).toContain(
      ` farm work --rig ${folder.file("nightly.yaml")} --set name=b --firmware ${folder.path}\n`,
    );
  });

  test.each([
    [["--farm", "--at", "01:00"], "--at does not go with --farm"],
    [["--firmware", ".", "--redis-file", "x"], "--redis-file does not go without --farm"],
    [["--farm", "--redis-file", "a\nb"], "--redis-file: expected a name on one line"],
    [["--farm", "--redis-file", "/etc/*.env"], "systemd takes * ? [ and blanks at the end for something else"],
    [["--firmware", ".", "--into", "/proc", "--user", username], "FILE_UNWRITABLE"],
    [[], "--firmware is missing"],
    [["--firmware", "/no/such/folder"], "/no/such/folder: no such folder"],
    [["--firmware", ".", "--at", "25:00"], "--at: expected hours and minutes"],
    [["--firmware", ".", "--user", "a\nb"], "--user: expected a name on one line"],
    [["--firmware", ".", "--user", "no-such-user"], "--user no-such-user: this machine has no such user"],
    // systemd would drop it, and the service would run as root.
    [["--firmware", ".", "--user", "+0"], "--user +0: this machine has no such user"],
  ])("%p is refused", async (args, told) => {
    using folder = scratch();
    writeFileSync(folder.file("desk.yaml"), "name: desk\nstraps: { driver: none }\nserial: { path: /dev/x }\n");
    const { code, stderr } = await st67hil(["rig", "install-units", "--rig", folder.file("desk.yaml"), ...args]);
    expect({ code, told: stderr.includes(told) }).toEqual({ code: 2, told: true });
  });

  testAsRoot(
    `root is asked for a user, unless it is sudo's: nothing runs as root by itself${WITHOUT_ROOT}`,
    async () => {
      using folder = scratch();
      writeFileSync(folder.file("desk.yaml"), "name: desk\nstraps: { driver: none }\nserial: { path: /dev/x }\n");
      const args = ["rig", "install-units", "--print", "--rig", folder.file("desk.yaml"), "--firmware", "."];
      for (const SUDO_USER of ["", "root"]) {
        const { code, stdout, stderr } = await asProcess(args, { env: { SUDO_USER } });
        expect({ code, stdout, told: stderr.includes("error USAGE (config): --user is missing") }).toEqual({
          code: 2,
          stdout: "",
          told: true,
        });
      }
      const { code, stdout } = await asProcess(args, { env: { SUDO_USER: "nobody" } });
      expect({ code, user: /^User=.*\n.*$/m.exec(stdout)?.[0] }).toEqual({
        code: 0,
        user: "User=nobody\nSupplementaryGroups=dialout",
      });
    },
  );
});
