import { afterAll, beforeAll } from "@jest/globals";
import { inProcess } from "./in-process.js";

/** For the tests around the call: what is offered is written as bash wants it, whatever shell runs the tests. */
export function inBash(): void {
  const { SHELL } = process.env;
  beforeAll(() => {
    process.env["SHELL"] = "bash";
  });
  afterAll(() => {
    if (SHELL === undefined) delete process.env["SHELL"];
    else process.env["SHELL"] = SHELL;
  });
}

/** As the scripts of the shells ask what may stand at the cursor. @param typed the words of the line. */
export const askCompletion = (typed: readonly string[], cwd?: string) =>
  inProcess(["--get-yargs-completions", "st67-hil", ...typed], cwd === undefined ? {} : { cwd });
