import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { imageName } from "../../harness/firmware/names.js";
import { SmallPackage } from "../firmware/small-package.js";
import { scratch } from "../support/scratch.js";
import { SimProcess } from "../support/sim.js";

const HOST = "test/foreign/spi-host.py";
const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** What another program's host sees of the module. */
async function seenBy(...args: string[]): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)("python3", [HOST, ...args]);
  return JSON.parse(stdout) as Record<string, string>;
}

// Where there is no python3 nobody else's host is judged: test/sim/port/spi-socket.test.ts has the same bytes.
(hasPython ? test : test.skip).each(["raw", "xz"])(
  "a host that shares no code with ours: ready, AT+GMR and a whole update, %s",
  async (kind) => {
    using folder = scratch();
    using small = new SmallPackage();
    const image = imageName("t01", "2.0.106");
    const file = small.path(kind === "raw" ? `${image}.ota` : image.replace(/bin$/, "xz.ota"));
    const more = ["--spi", folder.file("spi"), "--start", "run", "--json", "--set", "sim.ncp.restartMs=10000"];
    await using sim = await SimProcess.start(folder, more);
    expect(JSON.parse(sim.stdout)).toMatchObject({ spi: folder.file("spi") });
    const seen = await seenBy(folder.file("spi"), file);
    expect(seen["frame"]).toBe("aa550900000000000d0a72656164790d0a000000");
    expect(seen["before"]).toContain("component_version_sdk_2.0.75\r\n");
    expect(seen["table"]).toContain('"      FW",0x00010000,0x001c4000,1785856,0\r\n');
    expect(seen["after"]).toContain("component_version_sdk_2.0.106\r\nSW image:spi_wifi\r\n");
    expect(seen["newTable"]).toMatch(kind === "raw" ? /=0,1,".{6}FW",.*,1\r\n/ : /=0,0,".{6}FW",.*,2\r\n/);
    sim.signal("SIGTERM");
    expect(await sim.ended()).toEqual({ code: 143, signal: null });
    expect(existsSync(folder.file("spi"))).toBe(false);
  },
);
