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

/**
 * It imports each thing by its name: node then tells of one that is missing in another bundle. A module of node's own is not
 * imported but asked for: whoever imports one has all of it looked at, and so loads what only few of its parts need.
 */
function moduleOf(bundle, imported, exports) {
  const evaluate = relative(dirname(bundle), EVALUATE).replace(/^(?!\.)/, "./");
  const lines = [`import { evaluate } from "${evaluate}";`];
  const given = Object.entries(imported).map(([name, things], at) => {
    const module = `import${at}`;
    const missing = isBuiltin(name) ? things.find((thing) => !isIn(process.getBuiltinModule(name), thing)) : undefined;
    if (missing !== undefined) throw new Error(`${bundle}: ${name} has no ${missing}`);
    if (things.includes("*")) {
      if (things.length > 1) throw new Error(`${bundle}: imports ${name} as a whole and in parts`);
      lines.push(
        isBuiltin(name)
          ? `const ${module} = process.getBuiltinModule("${name}");`
          : `import * as ${module} from "${name}";`,
      );
      return `"${name}": ${module}`;
    }
    const parts = things.map((thing, index) => [
      thing,
      isBuiltin(name) ? (thing === "default" ? module : `${module}.${thing}`) : `${module}_${index}`,
    ]);
    lines.push(
      isBuiltin(name)
        ? `const ${module} = process.getBuiltinModule("${name}");`
        : `import { ${parts.map(([thing, local]) => `${thing} as ${local}`).join(", ")} } from "${name}";`,
    );
    return `"${name}": { ${parts.map(([thing, local]) => `${thing}: ${local}`).join(", ")} }`;
  });
  const all = exports.map((name, index) => [name, `export${index}`]);
  return [
    ...lines,
    `const imports = { ${given.join(", ")} };`,
    `const exported = evaluate(import.meta, imports, (name) => import(name));`,
    `const { ${all.map(([name, local]) => `${name}: ${local}`).join(", ")} } = exported;`,
    `export { ${all.map(([name, local]) => `${local} as ${name}`).join(", ")} };`,
    "",
  ].join("\n");
}

const isIn = (module, thing) => thing === "*" || thing === "default" || thing in module;

/** All of it, as V8 would else compile each function when it is first called. */
function compile(code, filename) {
  setFlagsFromString("--no-lazy");
  const script = new Script(code, { filename });
  // Under the flags of whoever uses it.
  setFlagsFromString("--lazy");
  const compiled = script.createCachedData();
  return Buffer.concat([Buffer.from(labelOf(filename, Buffer.from(code), compiled)), compiled]);
}
