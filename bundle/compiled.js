import { copyFileSync, realpathSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { rollup } from "rollup";
import { globSync } from "tinyglobby";
import { codeOf, compiledOf, labelOf } from "./evaluate.js";

/** What runs a bundle's code. */
const EVALUATE = "dist/bundled/evaluate.js";

/**
 * Has V8 compile the bundles now: half of what came before a module is touched was the reading of code. node 20 keeps compiled
 * code for nobody (from 22.8 on `enableCompileCache` of node:module does, and this can go), and V8 takes it for scripts alone. So the
 * code of each bundle becomes a script with what V8 has made of it, and the bundle itself a module that runs it and has the same
 * exports.
 */
export async function compileBundles(folders) {
  const bundles = globSync(folders.map((folder) => `${folder}/*.js`));
  copyFileSync("bundle/evaluate.js", EVALUATE);
  for (const bundle of bundles) {
    const { code, imported, exports } = await scriptOf(resolve(bundle));
    writeFileSync(codeOf(bundle), code);
    writeFileSync(bundle, moduleOf(bundle, imported, exports));
    const compiled = compile(code, pathToFileURL(realpathSync(codeOf(bundle))).href);
    writeFileSync(compiledOf(bundle), compiled);
  }
}

async function scriptOf(file) {
  const build = await rollup({
    input: file,
    external: (id) => id !== file,
    makeAbsoluteExternalsRelative: false,
    treeshake: false,
    plugins: [byParameters],
    onLog(_, { code, message }) {
      throw new Error(`${file}: ${code}: ${message}`);
    },
  });
  const { output } = await build.generate({ format: "cjs", exports: "named", interop: "esModule", esModule: false });
  const [{ code, importedBindings, exports }] = output;
  return { code: `(function (exports, require, $meta, $import) { ${code}\n})`, imported: importedBindings, exports };
}

/** A script has no `import` and no place of its own. */
const byParameters = {
  name: "by-parameters",
  transform(code, id) {
    if (/\$(meta|import)\b/.test(code)) throw new Error(`${id}: $meta and $import are what its script is given`);
  },
  renderDynamicImport: () => ({ left: "$import(", right: ")" }),
  resolveImportMeta: (property) => (property === null ? "$meta" : `$meta.${property}`),
};

function moduleOf(bundle, imported, exports) {
  const evaluate = relative(dirname(bundle), EVALUATE).replace(/^(?!\.)/, "./");
  const parts = Object.entries(imported).map(([name, things], at) => {
    if (things.includes("*") && things.length > 1) throw new Error(`${bundle}: ${name} as a whole and in parts`);
    return { name, ...(isBuiltin(name) ? askedFor : importedFrom)(name, things, `import${at}`) };
  });
  const all = exports.map((name, index) => [name, `export${index}`]);
  return [
    `import { evaluate } from "${evaluate}";`,
    ...parts.map(({ line }) => line),
    `const imports = { ${parts.map(({ name, value }) => `"${name}": ${value}`).join(", ")} };`,
    `const exported = evaluate(import.meta, imports, (name) => import(name));`,
    `const { ${all.map(([name, local]) => `${name}: ${local}`).join(", ")} } = exported;`,
    `export { ${all.map(([name, local]) => `${local} as ${name}`).join(", ")} };`,
    "",
  ].join("\n");
}

/** Each thing by its name: node tells of one that is missing. */
function importedFrom(name, things, local) {
  if (things.includes("*")) return { line: `import * as ${local} from "${name}";`, value: local };
  const named = things.map((thing, index) => [thing, `${local}_${index}`]);
  return {
    line: `import { ${named.map(([thing, as]) => `${thing} as ${as}`).join(", ")} } from "${name}";`,
    value: `{ ${named.map(([thing, as]) => `${thing}: ${as}`).join(", ")} }`,
  };
}

/** Who imports a module of node's own has all of it looked at, and so loads what only few of its parts need. */
function askedFor(name, things, local) {
  const line = `const ${local} = process.getBuiltinModule("${name}");`;
  if (things.includes("*")) return { line, value: local };
  const there = process.getBuiltinModule(name);
  const missing = things.find((thing) => thing !== "default" && !(thing in there));
  if (missing !== undefined) throw new Error(`${name} has no ${missing}`);
  const parts = things.map((thing) => `${thing}: ${thing === "default" ? local : `${local}.${thing}`}`);
  return { line, value: `{ ${parts.join(", ")} }` };
}

/** All of it, as V8 would else compile each function when it is first called. */
function compile(code, filename) {
  setFlagsFromString("--no-lazy");
  const script = new Script(code, { filename });
  // Under the flags of whoever uses it.
  setFlagsFromString("--lazy");
  const compiled = script.createCachedData();
  return Buffer.concat([Buffer.from(labelOf(filename, Buffer.from(code), compiled)), compiled]);
}
