import { type Field, joined, type Mistake, type Place, parseTree, type Tree } from "./tree.js";

/**
 * `tree` with one field replaced: `set` is `path=value`, as in `sim.link.maxBaud=1000000`. The value is one YAML
 * scalar, `[list]` or `{ group }`; what would be a block over several lines is taken as plain text. What is wrong goes to
 * `mistakes`; whether the field exists and takes the value is the schema's to say.
 */
export function applySet(tree: Tree, set: string, mistakes: Mistake[]): Tree {
  const place: Place = { set };
  const cut = set.indexOf("=");
  const path = cut < 0 ? set : set.slice(0, cut).trim();
  const steps = path.split(".");
  if (cut < 0 || steps.includes("")) {
    const expected = "path=value, as in sim.link.maxBaud=1000000";
    mistakes.push({ place, path: "", expected, found: JSON.stringify(set) });
    return tree;
  }
  const value = parseValue(set.slice(cut + 1).trim(), place, path, mistakes);
  return value === undefined ? tree : replaced(tree, steps, "", { place, tree: value }, mistakes);
}

function parseValue(text: string, place: Place, path: string, mistakes: Mistake[]): Tree | undefined {
  const parsed = parseTree(text, () => place);
  const block = parsed.tree.kind !== "scalar" && !/^[[{]/.test(text);
  if (block) return { kind: "scalar", place, value: text, source: text };
  mistakes.push(...parsed.mistakes.map((mistake) => ({ ...mistake, path: mistake.path || path })));
  return parsed.mistakes.length > 0 ? undefined : parsed.tree;
}

function replaced(tree: Tree, steps: readonly string[], above: string, field: Field, mistakes: Mistake[]): Tree {
  const [step, ...rest] = steps;
  if (step === undefined) return field.tree;
  const path = joined(above, step);
  if (tree.kind === "list" || (isNothing(tree) && /^\d+$/.test(step))) {
    const known = tree.kind === "list" ? tree.items : [];
    const index = /^\d+$/.test(step) ? Number(step) : Number.NaN;
    if (!(index <= known.length)) {
      const expected = `an index from 0 to ${known.length}`;
      mistakes.push({ place: field.place, path, expected, found: JSON.stringify(step) });
      return tree;
    }
    const items = [...known];
    items[index] = replaced(items[index] ?? nothing(field.place), rest, path, field, mistakes);
    return { kind: "list", place: tree.place, items };
  }
  const fields = tree.kind === "map" ? new Map(tree.fields) : new Map<string, Field>();
  const old = fields.get(step) ?? { place: field.place, tree: nothing(field.place) };
  const kept = rest.length > 0 && old.tree.kind !== "scalar";
  fields.set(step, { place: kept ? old.place : field.place, tree: replaced(old.tree, rest, path, field, mistakes) });
  return { kind: "map", place: tree.kind === "map" ? tree.place : field.place, fields };
}

const isNothing = (tree: Tree): boolean => tree.kind === "scalar" && tree.value === null;

const nothing = (place: Place): Tree => ({ kind: "scalar", place, value: null, source: "" });
