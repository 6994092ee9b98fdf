import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Whom the program in a folder blames for what a call throws, as a scenario would meet it: the code of the fault, and the frame that it begins in. */
export function blamed(bundle: string, call: string, dist = "dist"): { readonly code: string; readonly frame: string } {
  const at = (file: string) => JSON.stringify(pathToFileURL(resolve(join(dist, file))).href);
  const program = `
    import * as bundle from ${at(bundle)};
    import { outcomeOf } from ${at("harness/run/outcome.js")};
    try { await (async () => bundle.${call})(); } catch (error) {
      const { code } = outcomeOf(error, new AbortController().signal).fault;
      console.log(JSON.stringify({ code, frame: error.stack.split("\\n").find((line) => line.startsWith("    at ")) }));
    }`;
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" }));
}
