import { clean, jsonOf } from "../harness/base/clean.js";

/** `value` as JSON on one line, in which every text may be shown as it is by whoever reads it. */
export const cleanJson = (value: unknown): string => jsonOf(cleaned(value));

/** The same value, with every text in it as it may be shown, names of fields included. */
export function cleaned<T>(value: T): T {
  if (typeof value === "string") return clean(value) as T;
  if (Array.isArray(value)) return value.map(cleaned) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [clean(key), cleaned(each)])) as T;
}
