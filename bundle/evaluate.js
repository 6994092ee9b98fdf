import { readFileSync } from "node:fs";
import { Script } from "node:vm";

/**
 * Runs the code of the bundle at `url`, as `compileBundles` has left it beside that.
 *
 * @param imports each module that it imports, by the name that it has there.
 * @param $import imports what it names from where the bundle is.
 * @returns what it exports.
 */
export function evaluate(url, imports, $import) {
  const filename = codeOf(url);
  const code = readFileSync(new URL(filename), "utf8");
  const exported = {};
  // What V8 refuses, as it was made under other flags, is compiled as if there were none.
  const script = new Script(code, { filename, cachedData: compiledFor(filename, new URL(compiledOf(url))) });
  script.runInThisContext()(exported, (name) => imports[name], url, $import);
  return exported;
}

/** Where the code of a bundle is, and what V8 has made of that. */
export const codeOf = (bundle) => bundle.replace(/js$/, "cjs");
export const compiledOf = (bundle) => bundle.replace(/js$/, "v8");

/** Before what V8 has made: it knows its own versions, but no processor, and errors would have lines of where the code was then. */
export const labelOf = (filename) => Buffer.from(`${process.version} ${process.arch} ${filename}\n`);

function compiledFor(filename, file) {
  const label = labelOf(filename);
  const labelled = read(file);
  return labelled?.subarray(0, label.length).equals(label) ? labelled.subarray(label.length) : undefined;
}

/** Where a build was cut off there is none. */
function read(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
