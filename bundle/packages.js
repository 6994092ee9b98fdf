import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";

/** What nearly every command loads of other people's. It comes in some 230 files. */
export const PACKAGES = ["yaml", "yargs", "zod"];
/** Where what is bundled lies. */
export const FOLDER = "dist/bundled";

/**
 * What was CommonJS asks for node's own modules by `require`. yargs finds its texts from where its own file lies, and looks for a
 * package.json above the `node_modules` of that path: without one in it, in whatever folder the user is.
 */
const banner = (name) => `import { createRequire as requireFrom } from "node:module";
const moduleUrl = new URL("node_modules/${name}/lib/platform-shims/esm.mjs", import.meta.url).href;
const require = requireFrom(import.meta.url);`;

/** It makes a segmenter and a pattern of all emoji as it is loaded, which takes 20 ms: only help measures text. */
const measuredLater = {
  name: "measured-later",
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^string-width$/ }, async ({ kind, resolveDir }) => {
      if (kind !== "import-statement") return undefined;
      const { path } = await resolve("string-width", { kind: "require-call", resolveDir });
      return { path: relative(".", path), namespace: "later" };
    });
    onLoad({ filter: /.*/, namespace: "later" }, ({ path }) => ({
      contents: `export default (...text) => require(${JSON.stringify(`./${path}`)}).default(...text);`,
      resolveDir: ".",
    }));
  },
};

/** Half of zod is what mistakes are called in other languages. */
const inEnglish = {
  name: "in-english",
  setup({ onLoad }) {
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/** @returns the files that went into it. */
async function bundled(name) {
  const exported = Object.keys(await import(name)).filter((key) => key !== "module.exports");
  const { metafile } = await build({
    stdin: {
      contents: `export { ${exported.join(", ")} } from "${name}";`,
      resolveDir: ".",
      sourcefile: `${name}.mjs`,
    },
    outfile: join(FOLDER, `${name}.js`),
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    define: { "import.meta.url": "moduleUrl" },
    banner: { js: banner(name) },
    minify: true,
    metafile: true,
    plugins: [measuredLater, inEnglish],
  });
  return Object.keys(metafile.inputs);
}

/** Makes one file of each package. Their licenses ask to come along. */
export async function bundlePackages() {
  const inputs = (await Promise.all(PACKAGES.map(bundled))).flat();
  cpSync("node_modules/yargs/locales/en.json", join(FOLDER, "node_modules/yargs/locales/en.json"));
  const folders = new Set(
    inputs.flatMap((file) => /^(?!later:).*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  );
  writeFileSync(join(FOLDER, "LICENSES.txt"), [...folders].sort().map(licenseOf).join("\n---\n\n"));
}

function licenseOf(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${name}: it has no license to bring along`);
  return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
}
