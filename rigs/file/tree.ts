import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from "yaml";
import { oddIn } from "../../harness/base/text.js";

/** Where something was written. */
export type Place =
  | { readonly file: string; readonly line: number; readonly column: number }
  | { readonly set: string };

export interface Mistake {
  readonly place: Place;
  /** The field, as in `--set`; empty for the file as a whole. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** YAML values, each with its place. `source` is a scalar's own text: 123456789012 or 1e5 may be meant as text. */
export type Tree =
  | { readonly kind: "scalar"; readonly place: Place; readonly value: unknown; readonly source: string }
  | { readonly kind: "map"; readonly place: Place; readonly fields: Map<string, Field> }
  | { readonly kind: "list"; readonly place: Place; readonly items: Tree[] };

export type Scalar = Extract<Tree, { kind: "scalar" }>;

export interface Field {
  /** Where its name stands. */
  readonly place: Place;
  readonly tree: Tree;
}

export interface Parsed {
  readonly tree: Tree;
  readonly mistakes: readonly Mistake[];
  /** The text could not be followed to its end: what the tree says may be wrong. */
  readonly torn: boolean;
}

/** A rig has some eighty fields; aliases may neither blow a file up nor lead round in circles. */
const NODES_MAX = 2000;

/** Reads `text` as YAML 1.2. Every mistake is told, none thrown. */
export function parseTree(text: string, placeAt: (line: number, column: number) => Place): Parsed {
  const counter = new LineCounter();
  const at = (offset: number | undefined): Place => {
    const { line, col } = counter.linePos(offset ?? 0);
    return placeAt(Math.max(1, line), Math.max(1, col));
  };
  const mistakes: Mistake[] = [];
  const mistake = (place: Place, path: string, expected: string, found: string) =>
    mistakes.push({ place, path, expected, found });
  const empty: Tree = { kind: "scalar", place: at(0), value: null, source: "" };

  let document: Document;
  try {
    document = parse(text, counter);
    const tabs = document.errors.filter(({ code }) => code === "TAB_AS_INDENT");
    for (const { pos } of tabs) mistake(at(pos[0]), "", "spaces as indentation", "a tab");
    if (tabs.length > 0) document = parse(text.replace(/^[ \t]+/gm, (indent) => " ".repeat(indent.length)));
  } catch (error) {
    mistake(at(0), "", "YAML", String(error));
    return { tree: empty, mistakes, torn: true };
  }
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    mistake(at(pos[0]), "", "YAML", message.charAt(0).toLowerCase() + message.slice(1));
  }

  const refuseOdd = (place: Place, path: string, source: string) => {
    const odd = oddIn(source);
    if (odd !== undefined) mistake(place, path, "text in UTF-8", odd.told);
  };
  let nodes = 0;
  const convert = (node: unknown, path: string): Tree => {
    nodes += 1;
    const place = at((node as Node | null)?.range?.[0]);
    if (nodes > NODES_MAX) {
      if (nodes === NODES_MAX + 1) mistake(place, path, `at most ${NODES_MAX} values`, "more, counting aliases");
      return { ...empty, place };
    }
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target !== undefined) return convert(target, path);
      mistake(place, path, `an anchor &${node.source} above it`, `*${node.source}`);
      return { ...empty, place };
    }
    if (isMap(node)) return { kind: "map", place, fields: fieldsOf(node.items, path) };
    if (isSeq(node)) return { kind: "list", place, items: node.items.map((item, i) => convert(item, joined(path, i))) };
    if (!isScalar(node)) return { ...empty, place };
    refuseOdd(place, path, node.source ?? String(node.value));
    return { kind: "scalar", place, value: node.value, source: node.source ?? String(node.value) };
  };
  const fieldsOf = (pairs: readonly Pair[], path: string): Map<string, Field> => {
    const fields = new Map<string, Field>();
    for (const { key, value } of pairs) {
      const name = isScalar(key) ? (key.source ?? String(key.value)) : String(key);
      const place = at((key as Node | null)?.range?.[0]);
      refuseOdd(place, path, name);
      const earlier = fields.get(name);
      if (earlier) mistake(place, joined(path, name), "each field once", `a second ${name}`);
      fields.set(name, { place, tree: convert(value, joined(path, name)) });
    }
    return fields;
  };
  const tree = convert(document.contents, "");
  return { tree, mistakes, torn: document.errors.length > 0 || nodes > NODES_MAX };
}

/** The tree as plain values. @param scalar what one of its leaves is. */
export function plainOf(
  tree: Tree,
  scalar: (leaf: Scalar, path: readonly PropertyKey[]) => unknown,
  path: readonly PropertyKey[] = [],
): unknown {
  if (tree.kind === "list") return tree.items.map((item, i) => plainOf(item, scalar, [...path, i]));
  if (tree.kind === "map")
    return Object.fromEntries(
      [...tree.fields].map(([name, field]) => [name, plainOf(field.tree, scalar, [...path, name])]),
    );
  return scalar(tree, path);
}

const parse = (text: string, lineCounter?: LineCounter): Document =>
  parseDocument(text, { ...(lineCounter && { lineCounter }), prettyErrors: false, uniqueKeys: false });

export const joined = (path: string, name: string | number): string => (path === "" ? `${name}` : `${path}.${name}`);
