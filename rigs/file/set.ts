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

/**
 * A simulated module's SPI goes away with it: a file's own, whose lines `--set straps.driver=socket` gave to somebody else.
 * What a set says of SPI stays, and is judged.
 */
export function withoutStraySpi(tree: Tree): Tree {
  const lines = at(tree, ["straps", "driver"]);
  const spi = at(tree, ["spi"]);
  if (tree.kind !== "map" || spi?.kind !== "map" || lines?.kind !== "scalar" || lines.value === "sim") return tree;
  const driver = at(spi, ["driver"]);
  const isSim = driver?.kind === "scalar" && driver.value === "sim";
  const asWritten = [...spi.fields.values()].every(({ tree: { place } }) => "file" in place);
  if (!("set" in lines.place) || !isSim || !asWritten) return tree;
  return { ...tree, fields: new Map([...tree.fields].filter(([name]) => name !== "spi")) };
}

const at = (tree: Tree, path: readonly string[]): Tree | undefined =>
  path.reduce<Tree | undefined>(
    (above, name) => (above?.kind === "map" ? above.fields.get(name)?.tree : undefined),
    tree,
  );

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
