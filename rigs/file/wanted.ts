import type { z } from "zod";

type Schema = z.core.$ZodTypes;

/** What a schema asks for at a place, whatever it makes of it later. */
export class Wanted {
  readonly #schema: z.core.$ZodType;

  constructor(schema: z.core.$ZodType) {
    this.#schema = schema;
  }

  /** Text and no number: what looks like a number there is text, too. */
  text(path: readonly PropertyKey[]): boolean {
    const schemas = this.#at(path);
    return schemas.length > 0 && schemas.every(isText);
  }

  /** The fields of a group. */
  fields(path: readonly PropertyKey[]): string[] {
    return this.#at(path).flatMap(({ _zod: { def } }) => (def.type === "object" ? Object.keys(def.shape) : []));
  }

  #at(path: readonly PropertyKey[]): Schema[] {
    let schemas = written(this.#schema);
    for (const step of path) schemas = schemas.flatMap((schema) => below(schema, step)).flatMap(written);
    return schemas;
  }
}

const isText = ({ _zod: { def } }: Schema): boolean =>
  def.type === "string" ||
  (def.type === "enum" && Object.values(def.entries).every((value) => typeof value === "string")) ||
  (def.type === "literal" && def.values.every((value) => typeof value === "string"));

/** What may be written for a schema: each of several, and what stands behind a default, or before a change. */
function written(schema: z.core.$ZodType): Schema[] {
  const { def } = (schema as Schema)._zod;
  switch (def.type) {
    case "union":
      return def.options.flatMap(written);
    case "optional":
    case "nonoptional":
    case "default":
    case "prefault":
    case "catch":
    case "readonly":
      return written(def.innerType);
    case "pipe":
      return written(def.in);
    case "lazy":
      return written(def.getter());
    default:
      return [schema as Schema];
  }
}

function below(schema: Schema, step: PropertyKey): z.core.$ZodType[] {
  const { def } = schema._zod;
  if (def.type === "array" && typeof step === "number") return [def.element];
  if (def.type !== "object" || !Object.hasOwn(def.shape, step)) return [];
  const field = def.shape[String(step)];
  return field === undefined ? [] : [field];
}
