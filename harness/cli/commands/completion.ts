import yargs, { type ArgumentsCamelCase, type Argv } from "yargs";
import { COMPLETE } from "../complete.js";
import { print } from "../terminal/output.js";

const SHELLS = ["bash", "zsh"] as const;
type Shell = (typeof SHELLS)[number];

export const options = (yargs: Argv) =>
  yargs
    .positional("shell", {
      choices: SHELLS,
      describe: "Shell that reads the script; default: zsh if $SHELL is, else bash",
    })
    .example("$0 completion >> ~/.bashrc", "Completes from the next shell on")
    .example("source <($0 completion)", "Completes in this one");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({ shell = /zsh/.test(process.env["SHELL"] ?? "") ? "zsh" : "bash" }: Args): Promise<number> {
  print(scriptFor(shell).trimEnd());
  return 0;
}

/** yargs' own, which asks for answers in the form of the shell that reads it, whatever the user's login shell is. */
function scriptFor(shell: Shell): string {
  let script = "";
  yargsIn(shell)
    .scriptName("st67-hil")
    .completion()
    .parse("completion", {}, (_error, _args, output) => {
      script = output;
    });
  return script.replace(`st67-hil ${COMPLETE}`, `SHELL=${shell} ZSH_NAME= $&`);
}

/** It looks for its shell in the environment, as it is made. */
function yargsIn(shell: Shell): Argv {
  const { env } = process;
  process.env = { ...env, SHELL: shell, ZSH_NAME: "" };
  try {
    return yargs();
  } finally {
    process.env = env;
  }
}
