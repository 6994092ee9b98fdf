import { inspect } from "node:util";
import { HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";
import type { Contents } from "./scenario.js";

/** @throws HarnessError SCENARIO_INVALID unless it is a range of flash. */
export function refuseNoRange(what: string, address: unknown, length: unknown): void {
  const isCount = (value: unknown, least: number) => Number.isSafeInteger(value) && (value as number) >= least;
  if (isCount(address, 0) && isCount(length, 1)) return;
  throw new HarnessError(
    "SCENARIO_INVALID",
    `${what}: expected an address of at least 0 and a length of at least 1, got ${inspect(address)} and ${inspect(length)}`,
  );
}

/** @throws HarnessError SCENARIO_INVALID unless they are parts with names of their own that leave each other alone. */
export function refuseNoContents(parts: readonly Contents[]): void {
  if (!Array.isArray(parts) || parts.length === 0) throw invalid("a list of { name, address, bytes }", parts);
  for (const [index, part] of parts.entries()) {
    const { name, address, bytes } = (part ?? {}) as Partial<Contents>;
    if (typeof name !== "string" || name === "" || !(bytes instanceof Uint8Array))
      throw invalid("{ name: a text, address: a number, bytes }", part);
    refuseNoRange(`overwrite ${name}`, address, bytes.length);
    const other = parts.slice(0, index).find((before) => before.name === name || overlap(before, part));
    if (other === undefined) continue;
    throw new HarnessError(
      "SCENARIO_INVALID",
      `overwrite ${name} at ${hexNumber(part.address)}: it has the name of ${other.name} at ${hexNumber(other.address)}, or lies over it`,
    );
  }
}

const overlap = (one: Contents, other: Contents): boolean =>
  one.address < other.address + other.bytes.length && other.address < one.address + one.bytes.length;

const invalid = (wanted: string, got: unknown): HarnessError =>
  new HarnessError("SCENARIO_INVALID", `overwrite: expected ${wanted}, got ${inspect(got, { depth: 0 })}`);
