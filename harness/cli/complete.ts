import type { Argv } from "yargs";

/** What the scripts of `completion` begin a question with: this word, `st67-hil`, and what has been typed. */
export const COMPLETE = "--get-yargs-completions";

/** Has `program` believe what is typed: values are read, and mistakes told, when the line is run. */
export function believing(program: Argv): Argv {
  // In the midst of a line yargs checks for its own sake, and nobody waits for what it throws.
  return Object.assign(program, { coerce: () => program, check: () => program }).fail(() => undefined);
}

/**
 * What may stand at the cursor, one a line, as the shell named by `SHELL` wants it.
 *
 * @param program one that believes.
 * @param typed the words of the line; the last one is the one at the cursor, and may be empty.
 */
export async function complete(program: Argv, typed: readonly string[]): Promise<string[]> {
  let offered = "";
  await program.parseAsync([COMPLETE, ...typed], {}, (_error, _args, output) => {
    offered = output;
  });
  const [before = "", current = ""] = typed.slice(-2);
  // An option may want a value; where yargs knows none, the shell offers files, which it does only if nothing else is.
  const isValue = before.startsWith("-") && !current.startsWith("-");
  return [...new Set(offered.split("\n"))].filter((line) => line !== "" && !(isValue && line.startsWith("-")));
}
