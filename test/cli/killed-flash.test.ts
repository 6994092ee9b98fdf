import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { writeSyntheticPackage } from "../../harness/firmware/synthetic-package.js";
import { st67hil } from "../support/cli.js";
import { Running } from "../support/running.js";
import { socketRig, watchdogsGone } from "../support/socket-rig.js";

/** So many erases have ended when a flash is killed: behind the first it writes boot2, behind the third the firmware. */
const MOMENTS = [1, 3];

test("SIGKILL in mid-write, twice: the next flash needs no rung, and what it flashed boots", async () => {
  await using bench = await socketRig();
  const firmware = writeSyntheticPackage(join("out", "firmware"));
  const wanted = ["--firmware", firmware, "--profile", "mfg", "--fw-version", "2.0.106"];
  const args = ["flash", ...wanted, "--leave", "off", "--rig", bench.rig];
  for (const moment of MOMENTS) {
    await using flash = new Running(args);
    await flash.until(() => erasesIn(flash.stderr) >= moment);
    flash.signal("SIGKILL");
    expect(await flash.ended()).toBe("SIGKILL");
    expect(flash.stderr).not.toMatch(/^write FW/m);
    await watchdogsGone(bench.name);
  }
  const { code, stdout } = await st67hil([...args, "--json"]);
  expect({ code, told: JSON.parse(stdout) }).toMatchObject({
    code: 0,
    told: { rungs: [], boot: { proven: true, banner: { profile: "mfg", version: "2.0.106" } } },
  });
  expect(JSON.parse(stdout)).not.toHaveProperty("recovered");
}, 60_000);

const erasesIn = (stderr: string): number => stderr.match(/^erase .* s/gm)?.length ?? 0;
