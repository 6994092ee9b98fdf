import { clean, jsonOf } from "../harness/base/clean.js";

/** `value` as JSON on one line, in which every text may be shown as it is by whoever reads it. */
export const cleanJson = (value: unknown): string => jsonOf(cleaned(value));

function cleaned(value: unknown): unknown {
  if (typeof value === "string") return clean(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [clean(key), cleaned(each)]));
}
