import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { SmallPackage } from "../firmware/small-package.js";
import { container } from "../ncp/containers.js";
import { inProcess as st67hil } from "../support/in-process.js";
import { scratch } from "../support/scratch.js";

const RAW = "st67w611m_mission_t01_v2.0.106.bin.ota";
const KEY = `sim.keyHash=${"ab".repeat(32)}`;
const XZ = "st67w611m_mission_t01_v2.0.106.xz.ota";

/** A simulated module with t01@2.0.97, which lives across commands, and the package. */
async function flashed() {
  const pkg = new SmallPackage();
  const folder = scratch();
  const image = folder.file("module.img");
  const state = ["--set", `sim.state=${image}`];
  const from = ["--firmware", pkg.dir, "--profile", "t01", "--fw-version", "2.0.97"];
  expect(await st67hil(["flash", ...from, ...state])).toMatchObject({ code: 0 });
  return {
    pkg,
    folder,
    state,
    module: () => readFileSync(image),
    [Symbol.dispose]: () => {
      pkg[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

test("flash --ota: raw, then xz, each proven behind one more boot, and chip info tells the same", async () => {
  using bench = await flashed();
  const { pkg, state } = bench;
  expect(await st67hil(["flash", "--ota", pkg.path(RAW), ...state])).toMatchObject({
    code: 0,
    stdout:
      "t01@2.0.106 is on simulated module 40827b037742, over the air from 2.0.97 (FW in slot 1, age 1; before: slot 0, age 0), and boots: 2.0.106, which answers AT\n",
  });
  const { code, stdout } = await st67hil(["flash", "--ota", pkg.path(XZ), "--json", ...state]);
  expect({ code, document: JSON.parse(stdout) }).toMatchObject({
    code: 0,
    document: {
      rig: "sim",
      simulated: true,
      firmware: "t01@2.0.106",
      module: "40827b037742",
      update: { file: XZ, kind: "xz", from: "2.0.106", before: { slot: 1, age: 1 }, after: { age: 3 } },
      boot: { proven: true, banner: { version: "2.0.106" }, at: { version: "2.0.106", age: 3 } },
    },
  });
  const stages = (JSON.parse(stdout).stages as { stage: string }[]).map(({ stage }) => stage);
  expect(stages).toEqual(["restart", "update", "boot", "ready", "at"]);
  const info = await st67hil(["chip", "info", "--over", "spi", "--json", ...state]);
  expect(JSON.parse(info.stdout)).toMatchObject({ firmware: { version: "2.0.106" }, fw: { age: 3 } });
});

test("a rig that proves no boot proves this one: AT has just answered", async () => {
  using bench = await flashed();
  const { stdout } = await st67hil([
    ...["flash", "--ota", bench.pkg.path(RAW), "--json", "--set", "bootProof=[none]"],
    ...bench.state,
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ boot: { proven: true, at: { slot: 1, age: 1 } } });
});

test("--dry-run tells what the file holds and what would be done, and touches nothing", async () => {
  using pkg = new SmallPackage();
  using folder = scratch();
  const args = ["flash", "--ota", pkg.path(XZ), "--dry-run", "--set", `sim.state=${folder.file("m.img")}`];
  const { code, stdout, stderr } = await st67hil(args);
  expect({ code, stderr, lines: stdout.split("\n") }).toMatchObject({
    code: 0,
    stderr: "",
    lines: expect.arrayContaining([expect.stringMatching(`^${XZ}: t01@2\\.0\\.106, xz, \\d+ bytes$`)]),
  });
  const document = JSON.parse((await st67hil([...args, "--json"])).stdout);
  expect(document).toMatchObject({
    simulated: true,
    firmware: "t01@2.0.106",
    update: { profile: "t01", kind: "xz", bytes: pkg.read(XZ).length, bodySha256: expect.stringMatching(/^\w{64}$/) },
    steps: [{ op: "restart" }, { op: "ask" }, { op: "update" }, { op: "boot", version: "2.0.106" }],
  });
  expect(existsSync(folder.file("m.img"))).toBe(false);
});

test("what a file tells to be wrong is refused before the rig is opened, also by a dry run", async () => {
  using pkg = new SmallPackage();
  using folder = scratch();
  const named = (name: string, bytes: Uint8Array) => {
    writeFileSync(folder.file(name), bytes);
    return folder.file(name);
  };
  pkg.flip(RAW, 5000);
  const good = container();
  for (const [path, error, told] of [
    [pkg.path(RAW), "IMAGE_INVALID", "payloadSha256"],
    [named("empty.bin.ota", new Uint8Array()), "IMAGE_INVALID", "at least 512 bytes, got 0"],
    [named("cut.bin.ota", good.subarray(0, -1)), "IMAGE_INVALID", "payloadBytes"],
    [named("longer.bin.ota", Buffer.concat([good, Buffer.alloc(1)])), "IMAGE_INVALID", "payloadBytes"],
    [named("large.bin.ota", container({ bytes: 0x1d0000 })), "IMAGE_INVALID", "at most"],
    [named("st67w611m_mission_t01_v2.0.97.bin.ota", good), "IMAGE_INVALID", "expected 2.0.97, got 2.0.106"],
    [named("st67w611m_mission_t02_v2.0.106.bin.ota", good), "IMAGE_INVALID", "t02"],
    [named("other.bin.ota", container({ hardware: "Another_v1" })), "IMAGE_INVALID", "hardware"],
    [named("mfg.bin.ota", container({ profile: "mfg" })), "OTA_UNSUITABLE", "mfg has no AT"],
    [named("old.bin.ota", container({ version: "2.0.75" })), "OTA_UNSUITABLE", "tells no profile"],
    [pkg.path("st67w611m_mission_t01_v2.0.106.bin"), "IMAGE_INVALID", "magic"],
    [folder.path, "FILE_UNREADABLE", "got a folder"],
    [folder.file("nothing.ota"), "FILE_UNREADABLE", "ENOENT"],
  ] as const)
    for (const more of [[], ["--dry-run"]]) {
      const { code, stdout, stderr } = await st67hil(["flash", "--ota", path, "--json", ...more]);
      const found = JSON.parse(stdout);
      expect({ path, code, ...found }).toMatchObject({ code: 2, simulated: true, error: { code: error } });
      expect(found.error.message).toContain(told);
      expect(stderr).not.toMatch(/restart {2}|--raw/);
    }
});

test("a rig that has no SPI to its module is told before it is opened", async () => {
  using pkg = new SmallPackage();
  using folder = scratch();
  const rig = (text: string) => {
    writeFileSync(folder.file("rig.yaml"), `name: desk\nserial: { path: ${folder.file("none")} }\n${text}\n`);
    return ["--rig", folder.file("rig.yaml")];
  };
  for (const [lines, error] of [
    ["straps: { driver: onoff, boot: { bcm: 17 }, chipEn: { bcm: 27 } }", "SPI_MISSING"],
    ["straps: { driver: none }", "SPI_MISSING"],
    [`straps: { driver: none }\nspi: { driver: socket, path: ${folder.file("spi")} }`, "LINES_NOT_DRIVEN"],
  ] as const) {
    const { code, stdout } = await st67hil(["flash", "--ota", pkg.path(RAW), "--json", ...rig(lines)]);
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 2, rig: "desk", error: { code: error } });
  }
});

test.each([
  ["--raw"],
  ["--delta"],
  ["--erase", "none"],
  ["--compress", "off"],
  ["--verify", "read"],
  ["--recover", "4"],
  ["--efuse", "fuses.bin"],
  ["--burn-efuse"],
  ["--chip-id", "40827b037742"],
  ["--config", "x.ini"],
  ["--file", "x.bin"],
  ["--address", "0"],
  ["--profile", "t01"],
  ["--fw-version", "2.0.106"],
  ["--firmware", "dir"],
  ["--trace", "x.jsonl"],
])("%s does not go with --ota", async (...option) => {
  const { code, stdout, stderr } = await st67hil(["flash", "--ota", "nothing.ota", "--rig", "nowhere", ...option]);
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining(`USAGE (config): ${option[0]} does not go with --ota`),
  });
});

test("what the module tells decides before a byte of the update goes, and leaves it as it was", async () => {
  using bench = await flashed();
  const { pkg, folder, state } = bench;
  writeFileSync(folder.file("t02.bin.ota"), container({ profile: "t02" }));
  const before = bench.module();
  for (const [path, more, error] of [
    [folder.file("t02.bin.ota"), [], "OTA_UNSUITABLE"],
    [pkg.path(RAW), ["--set", "module.chipId=40827b037743"], "WRONG_MODULE"],
  ] as const) {
    const { code, stdout } = await st67hil(["flash", "--ota", path, "--json", ...state, ...more]);
    expect({ code, error: JSON.parse(stdout).error.code }).toEqual({ code: 2, error });
    expect(bench.module().equals(before)).toBe(true);
  }
});

test("so does a key that is not the module's", async () => {
  using pkg = new SmallPackage();
  const { code, stdout } = await st67hil(["flash", "--ota", pkg.path(RAW), "--json", "--set", KEY]);
  expect({ code, error: JSON.parse(stdout).error.code }).toEqual({ code: 2, error: "KEY_FOREIGN" });
});

test("an update that was taken, and behind which nothing starts: exit 1, and what brings the module back", async () => {
  using bench = await flashed();
  const args = ["flash", "--ota", bench.pkg.path(XZ), "--json", "--set", "sim.ncp.xzSlot=none", ...bench.state];
  const { code, stdout } = await st67hil(args);
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({
    code: 1,
    error: {
      code: "BOOT_NOT_READY",
      message: expect.stringContaining(`behind OTAFIN of ${XZ}`),
      advice: expect.stringContaining("The update was taken and nothing starts"),
    },
  });
});

test.each([
  ["otaFlips=false", 1, "OTA_NOT_APPLIED", "still 0"],
  ["ready=never", 1, "BOOT_NOT_READY", "chip boot"],
  ["transport=factory", 1, "NCP_OUTDATED", "over the UART"],
])("a module with ncp.%s: exit %i, %s", async (knob, exitCode, error, told) => {
  using bench = await flashed();
  const args = ["flash", "--ota", bench.pkg.path(RAW), ...bench.state, "--set", `sim.ncp.${knob}`];
  const { code, stdout, stderr } = await st67hil(args);
  expect({ code, stdout, stderr }).toMatchObject({
    code: exitCode,
    stdout: "",
    stderr: expect.stringContaining(error),
  });
  expect(stderr).toContain(told);
});

test("chip info --over spi: a module as its firmware tells it, and nothing is written", async () => {
  using bench = await flashed();
  const before = bench.module();
  const { code, stdout } = await st67hil(["chip", "info", "--over", "spi", ...bench.state]);
  const rows = new Map(stdout.split("\n").map((line) => [line.slice(0, 20).trim(), line.slice(20)]));
  expect({ code, rows: Object.fromEntries(rows) }).toMatchObject({
    code: 0,
    rows: {
      module: "40827b037742",
      firmware: "t01@2.0.97",
      FW: "slot 0, age 0",
      MACs: expect.stringMatching(/^40:82:7b:03:77:42, /),
      supply: "3300 mV",
      "lock state": "locked: boots signed images only",
      "key hash": expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  });
  const json = await st67hil(["chip", "info", "--over", "spi", "--json", ...bench.state]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    simulated: true,
    module: "40827b037742",
    firmware: { profile: "t01", version: "2.0.97", marked: true },
    fw: { slot: 0, age: 0 },
    macs: ["40827b037742", expect.anything(), expect.anything()],
    vbatMv: 3300,
    locked: true,
    fuses: { mac: "40827b037742", keyHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  expect(bench.module().equals(before)).toBe(true);
});

test("chip info --over spi of mfg, which has no AT; on a rig without SPI; with a trace of the UART", async () => {
  using pkg = new SmallPackage();
  using folder = scratch();
  const state = ["--set", `sim.state=${folder.file("m.img")}`];
  await st67hil(["flash", "--firmware", pkg.dir, "--profile", "mfg", "--fw-version", "2.0.106", ...state]);
  const mfg = await st67hil(["chip", "info", "--over", "spi", ...state]);
  expect(mfg).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("mfg says nothing over SPI") });
  writeFileSync(folder.file("rig.yaml"), "name: bare\nstraps: { driver: sim }\n");
  const bare = await st67hil(["chip", "info", "--over", "spi", "--rig", folder.file("rig.yaml")]);
  expect(bare).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("SPI_MISSING") });
  const traced = await st67hil(["chip", "info", "--over", "spi", "--trace", folder.file("t.jsonl")]);
  expect(traced).toMatchObject({ code: 2, stderr: expect.stringContaining("--trace does not go with --over spi") });
});
