import { rmSync } from "node:fs";
import { join } from "node:path";
import { compileBundles } from "./compiled.js";
import { bundleModules, PLACE } from "./modules.js";
import { bundlePackages, FOLDER } from "./packages.js";

/**
 * The second half of `npm run build`. A file that is loaded costs node a third to half a millisecond, and a command loads hundreds:
 * here what is loaded together becomes one file, which all of `dist` then imports. Sources, tests and types know nothing of it.
 */
const folders = [FOLDER, join("dist", PLACE)];
// A build that is cut off leaves nothing of an earlier one beside its own.
for (const folder of folders) rmSync(folder, { recursive: true, force: true });
await bundlePackages();
await bundleModules();
await compileBundles(folders);
