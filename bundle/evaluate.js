const [{ readFileSync }, { Script }, { crc32 }] = ["node:fs", "node:vm", "node:zlib"].map(process.getBuiltinModule);

/**
 * Runs the code of a bundle, which `compileBundles` has left beside it.
 *
 * @param $meta `import.meta` of the bundle.
 * @param imports what it imports: by the names of modules, and of what is theirs.
 * @param $import imports what it names from where the bundle is.
 * @returns what it exports.
 */
export function evaluate($meta, imports, $import) {
  const filename = codeOf($meta.url);
  const code = readFileSync(new URL(filename));
  const cachedData = compiledFor(filename, code, new URL(compiledOf($meta.url)));
  const exported = {};
  // What V8 refuses, as it was made under other flags, is compiled as if there were none.
  const script = new Script(code.toString(), { filename, cachedData });
  script.runInThisContext()(exported, (name) => imports[name], $meta, $import);
  return exported;
}

/** Where the code of a bundle is, and what V8 has made of that. */
export const codeOf = (bundle) => bundle.replace(/js$/, "cjs");
export const compiledOf = (bundle) => bundle.replace(/js$/, "v8");

/**
 * What V8 has made is only given to it behind this. By itself it looks at its own version and flags and at the length of the code: not
 * at which code, which processor and which build of node it was made for, nor whether it is whole. And errors would name the
 * place where the code lay when it was compiled.
 */
export const labelOf = (filename, code, compiled) =>
  `${JSON.stringify([process.version, process.arch, process.execPath, filename, crc32(code), crc32(compiled)])}\n`;

function compiledFor(filename, code, file) {
  const labelled = read(file);
  if (labelled === undefined) return undefined;
  const begin = labelled.indexOf("\n") + 1;
  const compiled = labelled.subarray(begin);
  return labelled.toString("utf8", 0, begin) === labelOf(filename, code, compiled) ? compiled : undefined;
}

/** An installed package has none. */
function read(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
