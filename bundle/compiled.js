import { copyFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { rollup } from "rollup";
import { globSync } from "tinyglobby";
import { codeOf, compiledOf, labelOf } from "./evaluate.js";

/** What runs a bundle's code. */
const EVALUATE = "bundled/evaluate.js";

/**
 * Has V8 compile the bundles now: half of what came before a module is touched was the reading of code. node 20 keeps compiled
 * code for nobody, and takes it for scripts alone. So the code of each bundle becomes a script with what V8 has made of it, and the
 * bundle itself a module that runs it and has the same exports.
 */
export async function compileBundles(folders) {
  const bundles = globSync(folders.map((folder) => `${folder}/*.js`)).filter(
    (file) => basename(file) !== "evaluate.js",
  );
  // None that belongs to other code is ever left behind.
  for (const file of globSync(folders.map((folder) => `${folder}/*.v8`))) rmSync(file);
  copyFileSync("bundle/evaluate.js", join("dist", EVALUATE));
  for (const bundle of bundles) {
    const { code, imports, exports } = await scriptOf(resolve(bundle));
    writeFileSync(codeOf(bundle), code);
    writeFileSync(bundle, moduleOf(bundle, imports, exports));
    // V8 looks at its length alone: where power fails behind a build, no hole is to be left in it.
    writeFileSync(compiledOf(bundle), compile(code, pathToFileURL(realpathSync(codeOf(bundle))).href), { flush: true });
  }
}

const PARAMETERS = "exports, require, $url, $import";

async function scriptOf(file) {
  const build = await rollup({
    input: file,
    external: (id) => id !== file,
    makeAbsoluteExternalsRelative: false,
    treeshake: false,
    plugins: [byParameters],
  });
  const { output } = await build.generate({ format: "cjs", exports: "named", interop: "esModule", esModule: false });
  const [{ code, imports, exports }] = output;
  return { code: `(function (${PARAMETERS}) { ${code}\n})`, imports, exports };
}

/** A script has no `import` and no place of its own. */
const byParameters = {
  name: "by-parameters",
  transform(code, id) {
    if (/\$(url|import)\b/.test(code)) throw new Error(`${id}: $url and $import are what its script is given`);
  },
  renderDynamicImport: () => ({ left: "$import(", right: ")" }),
  resolveImportMeta: (property) => (property === "url" ? "$url" : null),
};

function moduleOf(bundle, imports, exports) {
  const evaluate = relative(dirname(bundle), join("dist", EVALUATE)).replace(/^(?!\.)/, "./");
  const named = (names, as, sign) => names.map((name, index) => `${name}${sign}${as}${index}`).join(", ");
  return [
    `import { evaluate } from "${evaluate}";`,
    ...imports.map((name, index) => `import * as import${index} from "${name}";`),
    `const imports = { ${named(
      imports.map((name) => `"${name}"`),
      "import",
      ": ",
    )} };`,
    `const { ${named(exports, "export", ": ")} } = evaluate(import.meta.url, imports, (name) => import(name));`,
    `export { ${exports.map((name, index) => `export${index} as ${name}`).join(", ")} };`,
    "",
  ].join("\n");
}

/** All of it, as V8 would else compile each function when it is first called. */
function compile(code, filename) {
  setFlagsFromString("--no-lazy");
  const script = new Script(code, { filename });
  // Under the flags of whoever uses it.
  setFlagsFromString("--lazy");
  return Buffer.concat([labelOf(filename), script.createCachedData()]);
}
