import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { st67hil } from "../support/cli.js";
import { scratch } from "../support/scratch.js";

const SCENARIO =
  'import { scenario } from "st67-hil";\nexport default scenario({ name: "own", run: async () => {} });\n';

test("own scenarios: nothing compiled is kept in the temporary folder, where others could have put it", async () => {
  using folder = scratch();
  mkdirSync(folder.file("tmp"));
  writeFileSync(folder.file("own.ts"), SCENARIO);
  const env = { TMPDIR: folder.file("tmp"), JITI_FS_CACHE: "true", JITI_ESM_EVAL_TEMP_FILE: "true" };
  const { code, stdout } = await st67hil(["list", "--scenarios", folder.file("own.ts")], { env });
  expect({ code, stdout, left: readdirSync(folder.file("tmp")) }).toEqual({ code: 0, stdout: "own\n", left: [] });
});

test.each(["helper.ts", "helper.mjs", "helper.cjs"])(
  "a scenario that imports %s from a folder that everybody may write is refused before it runs",
  async (name) => {
    using folder = scratch();
    mkdirSync(folder.file("open"));
    writeFileSync(folder.file(`open/${name}`), "console.log('THEIRS');");
    chmodSync(folder.file("open"), 0o777);
    writeFileSync(folder.file("near.mts"), `console.log("OURS");\nimport "./open/${name}";`);
    writeFileSync(folder.file("own.ts"), `import "./near.mjs";\n${SCENARIO}`);
    const { code, stderr } = await st67hil(["list", "--scenarios", folder.file("own.ts")]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `error SCENARIO_INVALID (config): ${folder.file(`open/${name}`)}: not read: ${folder.file("open")} can be written by everybody`,
    );
  },
);

test("the rig named sim is not taken from a current folder that everybody may write", async () => {
  using folder = scratch();
  mkdirSync(folder.file("rigs"));
  writeFileSync(folder.file("rigs/sim.yaml"), "name: theirs\nstraps: { driver: sim }\n");
  chmodSync(folder.file("rigs"), 0o777);
  const { code, stderr } = await st67hil(["list"], { cwd: folder.path });
  expect({ code, told: /error RIG_INVALID.*rigs\/sim\.yaml: not read: .* by everybody/.test(stderr) }).toEqual({
    code: 2,
    told: true,
  });
});

/** Red, a title, C1, and text that runs backwards. */
const NASTY = "\x1b[31mred\x1b]0;title\x07\x9b31m\u202egnp";

test("file names are shown without what a terminal obeys: an error, a finding, JSON", async () => {
  using folder = scratch();
  mkdirSync(folder.file("NCP_Binaries"));
  writeFileSync(folder.file(`NCP_Binaries/${NASTY}\n0 errors.ini`), "[cfg]\nerase = 7\n");
  const runs = [
    ["firmware", "lint", "NCP_Binaries"],
    ["firmware", "inspect", "NCP_Binaries"],
    ["firmware", "inspect", `NCP_Binaries/${NASTY}\n0 errors.ini`],
    ["firmware", "lint", "NCP_Binaries", "--json"],
    ["doctor", "--rig", `./${NASTY}.yaml`, "--json"],
    ["list", `--${NASTY}`],
    ["list", NASTY],
  ];
  for (const args of runs) {
    const { stdout, stderr } = await st67hil(args, { cwd: folder.path });
    expect({ args, raw: (stdout + stderr).match(/(?![\n\t])\p{Cc}|\u202e/gu) }).toEqual({ args, raw: null });
    // One line a finding, whatever is in a name.
    if (args[1] === "lint") expect(stdout).not.toMatch(/^0 errors\.ini/m);
  }
});
