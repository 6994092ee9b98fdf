import { z } from "zod";

type Json = { readonly [key: string]: unknown };

/** What a schema asks for at a place, whatever it makes of it later. */
export class Wanted {
  readonly #schema: z.ZodType;
  #json: Json | undefined;

  constructor(schema: z.ZodType) {
    this.#schema = schema;
  }

  /** Text and no number: what looks like a number there is text, too. */
  text(path: readonly PropertyKey[]): boolean {
    const types = this.#at(path).map((schema) => schema["type"]);
    return types.includes("string") && types.every((type) => type === "string");
  }

  /** The fields of a group. */
  fields(path: readonly PropertyKey[]): string[] {
    return this.#at(path).flatMap((schema) => Object.keys(child(schema, "properties")));
  }

  #at(path: readonly PropertyKey[]): Json[] {
    this.#json ??= z.toJSONSchema(this.#schema, { io: "input", unrepresentable: "any" }) as Json;
    let schemas = either(this.#json);
    for (const step of path) {
      schemas = schemas.flatMap((schema) => {
        const fields = child(schema, "properties");
        const next = typeof step === "number" ? child(schema, "items") : child(fields, String(step));
        return either(next);
      });
    }
    return schemas;
  }
}

const either = (schema: Json): Json[] => {
  const options = schema["anyOf"] ?? schema["oneOf"];
  return Array.isArray(options) ? options.flatMap((option: Json) => either(option)) : [schema];
};

const child = (schema: Json, name: string): Json => (Object.hasOwn(schema, name) ? (schema[name] as Json) : {});
