import type { z } from "zod";
import { oneLine } from "../../harness/base/clean.js";
import { nearest } from "../../harness/base/nearest.js";
import { joined, type Mistake, type Place, type Tree } from "./tree.js";
import type { Wanted } from "./wanted.js";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

const SHOWN_CHARS = 60;
const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a group of fields",
  array: "a list",
};

/** What the schema holds against `tree`, each with its place: that of the value, or of the group where it is missing. */
export function schemaMistakes(issues: readonly Issue[], tree: Tree, wanted: Wanted): Mistake[] {
  return issues
    .filter(isNews)
    .flatMap((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => unknownField(key, issue.path, tree, wanted))
        : [mistakeAt(issue.path, tree, withGuess(expectedBy(issue), issue, treeAt(tree, issue.path)))],
    );
}

/** Text where a list belongs is not too short as well. */
function isNews({ code, path }: Issue, index: number, issues: readonly Issue[]): boolean {
  const same = (other: Issue) => other.code === "invalid_type" && shown(other.path) === shown(path);
  return code === "unrecognized_keys" || !issues.slice(0, index).some(same);
}

export function mistakeAt(path: Path, tree: Tree, expected: string): Mistake {
  return { place: placeOf(tree, path), path: shown(path), expected, found: found(treeAt(tree, path)) };
}

/** All of them, one a line, in the order of the file. */
export function tellMistakes(mistakes: readonly Mistake[]): string {
  return [...mistakes].sort(byPlace).map(tell).join("\n");
}

function tell({ place, path, expected, found }: Mistake): string {
  const where = "set" in place ? `--set ${place.set}` : `${place.file}:${place.line}:${place.column}`;
  return oneLine(`  ${where}: ${path === "" ? "" : `${path}: `}expected ${expected}; found ${found}`);
}

function byPlace({ place: a }: Mistake, { place: b }: Mistake): number {
  if ("set" in a || "set" in b) return Number("set" in a) - Number("set" in b);
  return a.line - b.line || a.column - b.column;
}

function unknownField(key: string, path: Path, tree: Tree, wanted: Wanted): Mistake {
  const known = wanted.fields(path);
  const guess = nearest(key, known);
  const all = known.length > 0 ? `one of ${known.join(", ")}` : "no such field";
  const expected = guess === undefined ? all : `a known field (did you mean ${guess}?)`;
  const group = treeAt(tree, path);
  const place = group?.kind === "map" ? group.fields.get(key)?.place : undefined;
  const found = `the unknown field ${JSON.stringify(cut(key))}`;
  return { place: place ?? placeOf(tree, path), path: joined(shown(path), key), expected, found };
}

/** A message of the schema's own says what is expected; zod's say what is wrong, so they are told anew. */
function expectedBy(issue: Issue): string {
  if (!/^(Invalid|Too|Unrecognized)\b/.test(issue.message)) return issue.message.replace(/^expected /, "");
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? issue.expected;
    case "invalid_value":
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      if (issue.origin === "string" && issue.minimum === 1) return "text that is not empty";
      return `${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${unit(issue.origin)}`;
    case "too_big":
      return `${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${unit(issue.origin)}`;
    case "invalid_union":
      return issue.errors.flatMap((branch) => branch.slice(0, 1).map(expectedBy)).join(" or ");
    default:
      return issue.message;
  }
}

const unit = (origin: string): string =>
  origin === "array" ? " in the list" : origin === "string" ? " characters" : "";

function withGuess(expected: string, issue: Issue, tree: Tree | undefined): string {
  if (issue.code !== "invalid_value" || tree?.kind !== "scalar" || typeof tree.value !== "string") return expected;
  const guess = nearest(tree.value, issue.values.map(String));
  return guess === undefined ? expected : `${expected} (did you mean ${guess}?)`;
}

function found(tree: Tree | undefined): string {
  if (tree === undefined) return "nothing";
  if (tree.kind === "map") return "a group of fields";
  if (tree.kind === "list") return tree.items.length === 0 ? "an empty list" : "a list";
  if (tree.value === null) return "nothing";
  return typeof tree.value === "string" ? JSON.stringify(cut(tree.value)) : cut(tree.source);
}

const cut = (text: string): string => (text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text);

const shown = (path: Path): string => path.map(String).reduce(joined, "");

function treeAt(tree: Tree, path: Path): Tree | undefined {
  let at: Tree | undefined = tree;
  for (const step of path) at = at && stepInto(at, step)?.tree;
  return at;
}

/** Of the value; of its name, or of the group around it, where there is none. */
function placeOf(tree: Tree, path: Path): Place {
  let { place } = tree;
  let at = tree;
  for (const step of path) {
    const next = stepInto(at, step);
    if (next === undefined) return place;
    at = next.tree;
    place = next.place;
  }
  return at.kind === "scalar" && at.source !== "" ? at.place : place;
}

function stepInto(tree: Tree, step: PropertyKey): { place: Place; tree: Tree } | undefined {
  if (tree.kind === "map") return tree.fields.get(String(step));
  const item = tree.kind === "list" ? tree.items[Number(step)] : undefined;
  return item && { place: item.place, tree: item };
}
