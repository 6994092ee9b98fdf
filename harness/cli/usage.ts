import { HarnessError } from "../base/errors.js";
import { didYouMean, nearest } from "../base/nearest.js";

/** What the program is. */
export const INTRODUCTION =
  "$0 <command> [options]\n\nTests ST67W611M1 modules: resets, flashes, verifies and boots them, and reports.";

/** Where to begin. */
export const BEGINNINGS = [
  ["run", "The smoke suite on a simulated module: nothing need be wired"],
  ["rig new bench-1.yaml", "A rig file for a module of yours"],
  ["doctor --rig bench-1.yaml", "Whether that rig is fit for tests"],
] as const;

/**
 * What is wrong with a command line, in words that help.
 *
 * @param found what yargs says is wrong.
 * @param usage of the command that was meant, such as `report <run>`.
 * @param help of that command: every option that it has.
 */
export function usageError(found: string, usage: string, help: string, cause?: unknown): HarnessError {
  return new HarnessError("USAGE", messageOf(withoutPasswords(found), usage, optionsIn(help)), {
    advice: `See \`${usage.replace(/ [<[].*$/, "")} --help\`.`,
    cause,
  });
}

/** A URL of a farm's server may hold one, and logs are read by others: not even a slip repeats it. */
const withoutPasswords = (text: string): string => text.replace(/\b(rediss?|unix):\S*@/gi, "$1:***@");

function messageOf(found: string, usage: string, options: readonly string[]): string {
  const values = [...found.matchAll(/^ *Argument: (.+?), Given: (.+), Choices: (.+)$/gm)];
  if (values.length > 0)
    return values.map(([, option = "", given, choices]) => noChoice(option, given, choices)).join("; ");
  const [, head = "", words = ""] = /^(Unknown|Missing required) arguments?: (.*)$/s.exec(found) ?? [];
  if (head === "Unknown") {
    const unknown = asTyped(words.split(", "));
    return `Unknown ${unknown.length > 1 ? "arguments" : "argument"}: ${unknown.map((word) => word + meant(word, options)).join(", ")}`;
  }
  if (head !== "")
    return `expected ${words
      .split(", ")
      .map((word) => `--${word}`)
      .join(", ")}`;
  if (!found.startsWith("Not enough non-option arguments")) return found;
  return `expected ${(usage.match(/<[^>]+>/g) ?? []).join(" ")}, got none`;
}

/** yargs names `--fw-vresion` once more, as `fwVresion`. */
const asTyped = (words: readonly string[]): string[] =>
  [...new Map(words.toReversed().map((word) => [word.replace(/[-_]/g, "").toLowerCase(), word])).values()].reverse();

/** @param given, @param choices quoted, as yargs writes them. */
function noChoice(option: string, given = "", choices = ""): string {
  const words = choices.split(", ").map((choice) => choice.replaceAll('"', ""));
  return `--${option} ${given}: expected one of ${words.join(", ")}${didYouMean(given.replaceAll('"', ""), words)}`;
}

/** Nobody who writes `--reset` means `--no-reset`. */
function meant(word: string, options: readonly string[]): string {
  const option = nearest(
    word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    options.filter((each) => each !== `no-${word}`),
  );
  return option === undefined ? "" : ` (did you mean --${option}?)`;
}

const optionsIn = (help: string): string[] =>
  [...help.matchAll(/^ .*?--([a-z][\w-]*)/gm)].flatMap(([, name]) => name ?? []);
