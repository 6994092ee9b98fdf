import { join } from "node:path";
import { compileBundles } from "./compiled.js";
import { bundleModules, PLACE } from "./modules.js";
import { bundlePackages, FOLDER } from "./packages.js";

/**
 * The second half of `npm run build`. A file that is loaded costs node a third to half a millisecond, and a command loads hundreds:
 * here what is loaded together becomes one file, which all of `dist` then imports. Sources, tests and types know nothing of it.
 */
await bundlePackages();
await bundleModules();
await compileBundles([FOLDER, join("dist", PLACE)]);
