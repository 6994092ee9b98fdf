import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { testAsRoot, WITHOUT_ROOT } from "../support/as-root.js";
import { builtCopy } from "../support/built-copy.js";
import { scratch } from "../support/scratch.js";

const STRANGER = 12_345;

testAsRoot(
  `who owns the program is trusted, and nobody else: as root one runs that one's code already${WITHOUT_ROOT}`,
  () => {
    using folder = scratch();
    const dist = builtCopy(folder.file("program"));
    mkdirSync(folder.file("rigs"));
    const rig = folder.file("rigs/own.yaml");
    writeFileSync(rig, "{ name: own, straps: { driver: sim }, serial: { driver: sim } }");
    for (const path of [folder.file("rigs"), rig]) chownSync(path, STRANGER, 0);
    const info = () => {
      const args = [join(dist, "harness/cli/main.js"), "chip", "info", "--rig", rig];
      const { SUDO_UID: _, ...env } = process.env;
      const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder.path, env, encoding: "utf8" });
      return { status, stderr };
    };
    expect(info()).toEqual({ status: 2, stderr: expect.stringContaining("belongs to another user") });
    for (const name of ["", ...readdirSync(dist, { recursive: true, encoding: "utf8" })])
      chownSync(join(dist, name), STRANGER, 0);
    expect(info()).toMatchObject({ status: 0 });
  },
);
