import { globSync } from "tinyglobby";

/** What the package must hold, beside what is built. */
export const plainFiles = (): string[] =>
  ["LICENSE", "README.md", "package.json", ...globSync(["docs/**", "rigs/*.yaml"])].sort();

/** What `bundle.js` makes of other people's packages. */
const BUNDLED = ["yaml.js", "yargs.js", "zod.js", "node_modules/yargs/locales/en.json", "LICENSES.txt"];

/** What the package must hold of `dist`: each source as JavaScript and as types. No tests, and no source maps: they would
 * lead to sources that are not in it, and what is built reads nearly as they do. */
export const builtFiles = (): string[] =>
  [
    "dist/package.json",
    ...BUNDLED.map((file) => `dist/bundled/${file}`),
    ...globSync(["{harness,reports,rigs,scenarios}/**/*.{ts,tsx}", "!**/*.d.ts"]).flatMap(built),
  ].sort();

const built = (source: string): string[] => [".js", ".d.ts"].map((end) => `dist/${source.replace(/\.tsx?$/, end)}`);
