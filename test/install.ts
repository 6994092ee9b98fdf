import { execSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import pkg from "../package.json" with { type: "json" };
import { builtFiles, plainFiles } from "./support/package-files.js";
import { scratch } from "./support/scratch.js";

/** `npm run test:install`: makes the package and installs it as its users do. Needs the npm registry. */
using folder = scratch();

/** A shell as a person has it: what npm told this script would lead the npm of other folders back to this one. */
const ENV: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_)|npm_config_local_prefix|INIT_CWD)/.test(name)),
  ),
  PATH: process.env["PATH"]
    ?.split(delimiter)
    .filter((path) => !path.endsWith("node_modules/.bin"))
    .join(delimiter),
  XDG_CACHE_HOME: folder.file("cache"),
};

/** @throws Error with what it wrote, when its exit code is not 0. */
function shell(line: string, cwd = process.cwd()): string {
  try {
    return execSync(line, { cwd, env: ENV, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number | null; stdout: string; stderr: string };
    throw new Error(`exit code ${status} of ${line}\n${stdout}${stderr}`);
  }
}

function expectEqual(found: unknown, wanted: unknown): void {
  if (isDeepStrictEqual(found, wanted)) return;
  throw new Error(`expected ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
}

/** Says what is checked and how that went. What comes after one that failed is checked too. */
function check(claim: string, work: () => void): void {
  const began = performance.now();
  try {
    work();
    console.log(`ok      ${claim}  ${((performance.now() - began) / 1000).toFixed(1)} s`);
  } catch (error) {
    console.log(`FAILED  ${claim}\n${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}

/** A folder with these files. */
function made(name: string, files: Readonly<Record<string, string>> = {}): string {
  mkdirSync(folder.file(name));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder.file(name), file), text);
  return folder.file(name);
}

const packed = made("packed");
check("npm pack makes a package", () => void shell(`npm pack --pack-destination ${packed}`));
const tarball = join(packed, readdirSync(packed)[0] ?? "none");
const INSTALL = `npm install --no-audit --no-fund ${tarball}`;

check("it holds the program, its types, rigs and documents, and nothing else", () => {
  const files = shell(`tar -tzf ${tarball}`).trim().split("\n");
  const wanted = [...builtFiles(), ...plainFiles()].map((name) => `package/${name}`);
  expectEqual(
    files.filter((name) => !wanted.includes(name)),
    [],
  );
  expectEqual(
    wanted.filter((name) => !files.includes(name)),
    [],
  );
});

check("none of its files leads to a source map", () => {
  expectEqual(shell(`tar -xzOf ${tarball} | grep -c '^//# sourceMapping' || true`).trim(), "0");
});

check("npm install in an empty folder: npx runs a scenario", () => {
  const cwd = made("empty");
  shell(INSTALL, cwd);
  shell("npx --no-install st67-hil run identify", cwd);
  expectEqual(readdirSync(join(cwd, "out/latest")).includes("junit.xml"), true);
});

const prefix = made("prefix");
const program = join(prefix, "bin/st67-hil");
check("npm install --global: the program tells its version", () => {
  shell(`${INSTALL} --global --prefix ${prefix}`);
  expectEqual(shell(`${program} --version`).trim(), pkg.version);
});

check("from any other folder it finds the rig sim, runs, flashes, and gives systemd that rig by its name", () => {
  const cwd = made("elsewhere");
  shell(`${program} run identify --rig sim`, cwd);
  shell(`${program} flash --profile t01 --fw-version 2.0.106`, cwd);
  expectEqual(shell(`${program} rig install-units --print --user root`, cwd).includes(" --rig sim\n"), true);
});

/** A scenario as the README has it, and one with a mistake in every line that says so. */
const SCENARIOS = {
  "right.ts": `import { type Firmware, HarnessError, scenario } from "st67-hil";

export default scenario({
  name: "right",
  tags: ["own"],
  parameters: ({ firmwares }) => firmwares.map((firmware: Firmware) => ({ label: firmware.label, firmware })),
  async run({ flash, boot, measure, expect, openSession, hash, deadline }, { firmware }) {
    await flash(firmware);
    const { banner } = await boot(firmware);
    if (!banner) throw new HarnessError("BOOT_SILENT", "no banner");
    measure("boot", banner.ms, "ms", { max: Math.min(5000, deadline.remainingMs) });
    expect(await hash(await openSession(), 0, 4096)).toMatch(/^[0-9a-f]{64}$/);
  },
});
`,
  "wrong.ts": `import { scenario } from "st67-hil";

export default scenario({
  name: "wrong",
  needs: "power", // wrong
  async run({ boot, measure, hash, openSession }) {
    const proof = await boot({ profile: "t03", version: "1" }); // wrong
    measure("boot", proof.baner, "ms"); // wrong
    measure("boot", 1, "ms", { maximum: 2 }); // wrong
    const found: number = await hash(await openSession(), 0, 4096); // wrong
  },
});
`,
};
const compilerOptions = { module: "NodeNext", target: "ES2022", strict: true, skipLibCheck: false, noEmit: true };
const project = made("project", {
  ...SCENARIOS,
  "package.json": JSON.stringify({ private: true, type: "module" }),
  "tsconfig.json": JSON.stringify({ compilerOptions, files: ["right.ts"] }),
  "tsconfig.no-dom.json": JSON.stringify({
    compilerOptions: { ...compilerOptions, lib: ["ES2022"] },
    files: ["right.ts"],
  }),
});

check("as a dependency of a project: npm install", () => {
  shell(`${INSTALL} typescript@${pkg.devDependencies.typescript}`, project);
});

check("a right scenario of the project passes the strict compiler, which looks into our types too, and runs", () => {
  shell("npx --no-install tsc --project .", project);
  shell("npx --no-install tsc --project tsconfig.no-dom.json", project);
  shell("npx --no-install st67-hil run --scenarios right.ts --profile t02", project);
});

check("a wrong one is told line by line", () => {
  const said = shell(
    "npx --no-install tsc --module NodeNext --target ES2022 --strict --noEmit wrong.ts || true",
    project,
  );
  const told = [...said.matchAll(/^wrong\.ts\((\d+),/gm)].map(([, line]) => Number(line));
  const lines = SCENARIOS["wrong.ts"].split("\n").flatMap((text, at) => (text.endsWith("// wrong") ? [at + 1] : []));
  expectEqual([...new Set(told)], lines);
});
