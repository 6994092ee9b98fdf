import { clean } from "../harness/base/clean.js";

/** A file of Java properties, in ASCII: Java reads no other. */
export const propertiesFile = (properties: Readonly<Record<string, string>>): string =>
  Object.entries(properties)
    .map(([name, value]) => `${escaped(name, /[\\ :=#!]/g)}=${escaped(value, /\\|^ /g)}\n`)
    .join("");

const escaped = (text: string, special: RegExp): string =>
  clean(text)
    .replace(special, "\\$&")
    .replace(/[^ -~]/g, (c) => (c === "\n" ? "\\n" : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`));
