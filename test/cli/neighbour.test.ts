import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { scratch, st67hil } from "../support/cli.js";

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
    const { code, stdout, stderr } = await st67hil(["list", "--scenarios", folder.file("own.ts")]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
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
